select
  annee,
  idcar_200m as carreau,
  code_commune,
  ind as habitants,
  longitude,
  latitude,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'carreaux') }}
order by carreau
