select
  code_zone,
  lib_zone as nom,
  lower(type_zone) as type_zone,
  date_ech as jour,
  code_qual as indice,
  code_no2,
  code_o3,
  code_pm10,
  code_pm25,
  code_so2,
  source as diffuseur,
  _edition as edition,
  _nuit as nuit
from {{ newest_per_key('atmo', 'indices', ['code_zone', 'date_ech']) }}
order by code_zone, jour
