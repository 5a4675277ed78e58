select
  annee,
  code_commune,
  sau_ha,
  _edition as edition,
  _nuit as nuit
from {{ landed('agreste', 'sau_communes') }}
order by code_commune
