select
  code as code_commune,
  nom,
  geometry as contour,
  _edition as edition,
  _nuit as nuit
from {{ landed('geo', 'contours') }}
order by code_commune
