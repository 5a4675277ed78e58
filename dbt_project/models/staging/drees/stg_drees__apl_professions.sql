select
  annee,
  profession,
  code_commune,
  apl,
  population_standardisee,
  _edition as edition
from {{ landed('drees', 'apl_professions') }}
order by annee, profession, code_commune
