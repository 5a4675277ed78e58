-- Shared car trips certified by the national register, and the same per 1,000 inhabitants (newest legal population).
with habitants as (
  select code_epci, sum(population) as population, max(population_periode) as annee_population,
    {{ editions_de('population_edition') }} as editions
  from {{ ref('int_communes') }}
  group by code_epci
  having count(population) = count(*)
)

select
  'epci' as territoire_niveau,
  t.code_epci as territoire_code,
  cast(t.annee as varchar) as periode,
  '' as ventilation,
  cast(t.trajets as double) as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when t.trajets is null then 'manquant' else 'definitif' end as statut,
  'publie' as nature,
  '' as note,
  'Registre de preuve de covoiturage ' || t.annee as millesime,
  ['rpc/trajets_epci'] as jeux,
  [t.edition] as editions
from {{ ref('stg_rpc__trajets_epci') }} as t
union all
select
  'epci',
  t.code_epci,
  cast(t.annee as varchar),
  'pour_1000_habitants',
  1000.0 * t.trajets / h.population,
  cast(null as double),
  cast(null as double),
  case when t.trajets is null then 'manquant' else 'definitif' end,
  'recalcule',
  'Population municipale de ' || h.annee_population || '.',
  'Registre de preuve de covoiturage ' || t.annee,
  ['insee/populations', 'rpc/trajets_epci'],
  list_sort(list_distinct(list_append(h.editions, t.edition)))
from {{ ref('stg_rpc__trajets_epci') }} as t
inner join habitants as h on h.code_epci = t.code_epci
order by territoire_code, ventilation, periode
