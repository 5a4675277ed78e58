select
  nofinesset as etablissement,
  code_commune,
  categorie,
  categorie in ('202', '500', '501', '502') as hebergement_ages,
  date_ouverture,
  places,
  date_etat,
  _edition as edition
from {{ landed('finess', 'etablissements') }}
order by etablissement
