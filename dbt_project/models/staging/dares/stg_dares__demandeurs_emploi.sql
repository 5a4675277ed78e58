-- Job seekers registered in categories A, B, C (average of the quarter, rounded to 5), by commune of residence.
select
  code_commune,
  date as periode,
  nombre_de_demandeurs_d_emploi as demandeurs,
  _edition as edition
from {{ landed('dares', 'demandeurs_emploi') }}
order by code_commune, periode
