-- Deaths by residence (civil registration): one row a territory and a year. A commune whose events are counted in
-- another (K) or not known (M) has no figure.
select
  {{ niveau_insee('geo_niveau', 'geo_code') }} as niveau,
  {{ code_insee('geo_niveau', 'geo_code') }} as code,
  cast(time_period as integer) as annee,
  value as deces,
  {{ melodi_statut('value', 'conf_status') }} as statut,
  _edition as edition
from {{ landed('insee', 'deces') }}
where {{ niveau_insee('geo_niveau', 'geo_code') }} is not null
order by niveau, code, annee
