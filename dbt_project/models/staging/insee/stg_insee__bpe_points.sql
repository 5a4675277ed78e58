select
  an as annee,
  typequ as type,
  depcom as code_commune,
  longitude,
  latitude,
  nombre,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'bpe_points') }}
order by code_commune, type, longitude, latitude
