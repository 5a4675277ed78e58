select
  {{ niveau_insee('geo_niveau', 'geo_code') }} as niveau,
  {{ code_insee('geo_niveau', 'geo_code') }} as code,
  time_period as periode,
  activity as activite,  -- I551 hotels, I552 other collective accommodation, I553 campsites
  measure as mesure,  -- PLACE: rooms of hotels, pitches of campsites; BEDPLACE: beds; UNIT_LOC: establishments
  value as valeur,
  {{ melodi_statut('value', 'conf_status') }} as statut,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'hebergement_touristique') }}
order by niveau, code, periode, activite, mesure
