select
  annee,
  code_commune,
  commune as nom,
  apl,
  apl_65,
  population_standardisee,
  population_totale,
  _edition as edition,
  _nuit as nuit
from {{ landed('drees', 'apl_generalistes') }}
order by annee, code_commune
