-- One row a point of the outline (or of the inside) of a space of nature of 1 ha or more, open to the public.
select
  espace,
  categorie,
  nom,
  surface_ha,
  rang,
  longitude,
  latitude,
  _edition as edition,
  _nuit as nuit
from {{ landed('osm', 'espaces_nature') }}
-- Yearly editions: the newest one is the state.
qualify _partition = max(_partition) over ()
order by espace, rang
