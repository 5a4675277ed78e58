select
  {{ niveau_insee('geo_niveau', 'geo_code') }} as niveau,
  geo_niveau as niveau_source,
  {{ code_insee('geo_niveau', 'geo_code') }} as code,
  time_period as periode,
  measure as mesure,
  value as valeur,
  {{ melodi_statut('value', 'conf_status') }} as statut,
  geo_millesime as cog,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'populations') }}
order by niveau, code, periode, mesure
