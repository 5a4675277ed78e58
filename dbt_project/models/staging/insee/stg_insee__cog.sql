-- Communes of today (`objet` commune, only the columns `_apres`) and movements of communes since 1943.
select
  objet,
  mod as type_mouvement,
  date_eff as date_effet,
  typecom_av as type_avant,
  com_av as code_avant,
  libelle_av as nom_avant,
  typecom_ap as type_apres,
  com_ap as code_apres,
  libelle_ap as nom_apres,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'cog') }}
order by all
