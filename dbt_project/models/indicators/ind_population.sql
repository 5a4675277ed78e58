-- depends_on: {{ ref('int_appartenances') }} (its EPCI figures are sums over the members of today)
select
  niveau as territoire_niveau,
  code as territoire_code,
  periode,
  '' as ventilation,
  valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  statut,
  nature,
  '' as note,
  'Populations de référence ' || periode as millesime,
  ['insee/populations'] as jeux,
  editions
from {{ ref('int_populations') }}
order by territoire_niveau, territoire_code, periode
