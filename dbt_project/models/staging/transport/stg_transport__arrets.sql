select
  stop_id as arret,
  stop_name as nom,
  coalesce(location_type, 0) as genre,  -- GTFS: 0 a stop, 1 a station, 2 an entrance
  dataset_title as reseau,
  longitude,
  latitude,
  _edition as edition,
  _nuit as nuit
from {{ landed('transport', 'arrets') }}
order by reseau, arret, longitude, latitude
