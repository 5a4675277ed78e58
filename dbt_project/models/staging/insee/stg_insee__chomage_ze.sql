select
  ze2020 as code,
  libze2020 as nom,
  reg as code_region,
  periode,
  taux as valeur,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'chomage_ze') }}
order by code, periode
