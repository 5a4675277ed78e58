-- Kilometres of ways with a cycle path, a cycle lane or a greenway, for 10,000 inhabitants. A way equipped on both
-- sides counts once; each equipped side brings half of it, or the whole when the other side has nothing, to its own
-- commune. The kind of a way is the best one of its sides.
{%- set genre %}
  case
    when {0} = 'VOIE VERTE' then 1
    when {0} in ('PISTE CYCLABLE', 'DOUBLE SENS CYCLABLE PISTE') then 2
    when {0} in ('BANDE CYCLABLE', 'DOUBLE SENS CYCLABLE BANDE') then 3
  end
{%- endset %}
with cotes as (
  select troncon, longueur_m, edition, commune_droite as code_commune, {{ genre.replace('{0}', 'droite') }} as genre
  from {{ ref('stg_geovelo__amenagements') }}
  union all
  select troncon, longueur_m, edition, commune_gauche, {{ genre.replace('{0}', 'gauche') }}
  from {{ ref('stg_geovelo__amenagements') }}
),

equipes as (
  select *,
    longueur_m / count(*) over (partition by troncon) as part_m,
    min(genre) over (partition by troncon) as genre_troncon
  from cotes
  where genre is not null
),

base as (
  select strftime(max(nuit), '%Y-%m-%d') as periode, max(nuit) as recue, {{ editions_de('edition') }} as editions
  from {{ ref('stg_geovelo__amenagements') }}
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

comptes as (
  select p.niveau, p.code,
    coalesce({{ somme('e.part_m') }}, 0) / 1000 as km,
    coalesce({{ somme('case when e.genre_troncon = 1 then e.part_m end') }}, 0) / 1000 as km_voies_vertes,
    coalesce({{ somme('case when e.genre_troncon = 2 then e.part_m end') }}, 0) / 1000 as km_pistes,
    coalesce({{ somme('case when e.genre_troncon = 3 then e.part_m end') }}, 0) / 1000 as km_bandes
  from places as p
  left join equipes as e on e.code_commune = p.code_commune
  group by p.niveau, p.code
),

ventile as (
  select c.niveau, c.code, '' as ventilation, 10000 * c.km / h.habitants as valeur, h.periode as population,
    h.editions
  from comptes as c
  inner join {{ habitants() }} as h on h.niveau = c.niveau and h.code = c.code
  union all
  select niveau, code, ventilation, valeur, null, []
  from (unpivot comptes on km, km_voies_vertes, km_pistes, km_bandes into name ventilation value valeur)
)

select
  v.niveau as territoire_niveau,
  v.code as territoire_code,
  b.periode,
  v.ventilation,
  v.valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  'definitif' as statut,
  'recalcule' as nature,
  coalesce('Rapporté à la population de ' || v.population || '.', '') as note,
  'Base nationale des aménagements cyclables, reçue le ' || strftime(b.recue, '%Y-%m-%d') as millesime,
  ['geovelo/amenagements', 'insee/populations'] as jeux,
  list_sort(list_distinct(b.editions || v.editions)) as editions
from ventile as v
cross join base as b
where b.periode is not null
order by territoire_niveau, territoire_code, ventilation
