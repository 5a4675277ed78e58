select
  nullif(trim(id_pdc_itinerance), '') as point,
  nullif(trim(id_station_itinerance), '') as station,
  nullif(trim(code_insee_commune), '') as code_commune,
  consolidated_longitude as longitude,
  consolidated_latitude as latitude,
  -- Some operators declare watts: no public charge point passes 1,000 kW.
  case when puissance_nominale > 1000 then puissance_nominale / 1000 else puissance_nominale end as puissance_kw,
  try_cast(substr(nullif(trim(date_mise_en_service), ''), 1, 10) as date) as mise_en_service,
  try_cast(substr(nullif(trim(date_maj), ''), 1, 10) as date) as mise_a_jour,
  _edition as edition,
  _nuit as nuit
from {{ landed('irve', 'points') }}
order by point, station, code_commune, mise_a_jour
