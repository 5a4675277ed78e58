-- Places for 100 children under three, in all and by kind of care, at the levels that CNAF publishes.
select
  niveau,
  code,
  annee,
  taux_global,
  taux_eaje,
  taux_assistantes_maternelles,
  taux_prescolarisation,
  taux_garde_domicile,
  _edition as edition
from {{ landed('caf', 'accueil_jeune_enfant') }}
order by niveau, code, annee
