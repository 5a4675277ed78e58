select
  code as code_commune,
  nom,
  siren,
  code_epci,
  code_departement,
  code_region,
  population,
  surface as surface_ha,
  lon as longitude,
  lat as latitude,
  _edition as edition,
  _nuit as nuit
from {{ landed('geo', 'communes') }}
order by code_commune
