select
  {{ niveau_insee('geo_niveau', 'geo_code') }} as niveau,
  {{ code_insee('geo_niveau', 'geo_code') }} as code,
  time_period as periode,
  facility_type as type,
  value as nombre,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'bpe') }}
where value is not null
order by niveau, code, periode, type
