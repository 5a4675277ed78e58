-- Private-sector employees at 31 December, by commune of the workplace; null when no employer declared that year.
select
  code_commune,
  annee,
  effectifs_salaries as salaries,
  _edition as edition
from {{ landed('urssaf', 'effectifs') }}
order by code_commune, annee
