-- For each inhabited 200 m square of our communes: the families of services, and nature, that stand within 1 km of its
-- centre as the crow flies. `sourcees` are the families of which at least one place is known: a family without any
-- source must never be read as an absence of service.
{%- set rayon_m = 1000 %}
with carreaux as (
  select c.carreau, c.code_commune, c.habitants, c.annee, c.longitude, c.latitude, c.edition,
    {{ maille_km('c.longitude', 'c.latitude') }}
  from {{ ref('stg_insee__carreaux') }} as c
  inner join {{ ref('int_communes') }} as m on m.code_commune = c.code_commune
  where c.habitants > 0
),

lieux as (
  select famille, longitude, latitude, edition, {{ maille_km('longitude', 'latitude') }}
  from (
    select {{ famille_panier('type') }} as famille, longitude, latitude, edition
    from {{ ref('stg_insee__bpe_points') }}
    union all
    select 'service_public', longitude, latitude, edition from {{ ref('stg_anct__france_services') }}
    where not itinerante
    union all
    -- An entrance of a station is not one more stop.
    select 'transport', longitude, latitude, edition from {{ ref('stg_transport__arrets') }} where genre < 2
    union all
    select 'nature', longitude, latitude, edition from {{ ref('stg_osm__espaces_nature') }}
  )
  where famille is not null and longitude is not null and latitude is not null
),

voisins as (
  select c.carreau, c.longitude, c.latitude, c.maille_x + dx.d as maille_x, c.maille_y + dy.d as maille_y
  from carreaux as c
  cross join (values (-1), (0), (1)) as dx(d)
  cross join (values (-1), (0), (1)) as dy(d)
),

proches as (
  select v.carreau, list_sort(list_distinct(list(l.famille))) as familles
  from voisins as v
  inner join lieux as l on l.maille_x = v.maille_x and l.maille_y = v.maille_y
  where {{ metres('v.longitude', 'v.latitude', 'l.longitude', 'l.latitude') }} <= {{ rayon_m }}
  group by v.carreau
),

-- An absence is read from the whole of the sources.
sources as (
  select
    coalesce((select list_sort(list_distinct(list(famille))) from lieux), []) as sourcees,
    coalesce((
      select list_sort(list_distinct(list(edition))) from (
        select edition from lieux where famille <> 'nature' union all select edition from carreaux
      )
    ), []) as editions_services,
    coalesce((
      select list_sort(list_distinct(list(edition))) from (
        select edition from lieux where famille = 'nature' union all select edition from carreaux
      )
    ), []) as editions_nature
)

select
  c.carreau,
  c.code_commune,
  c.habitants,
  c.annee,
  coalesce(p.familles, []) as familles,
  s.sourcees,
  s.editions_services,
  s.editions_nature
from carreaux as c
left join proches as p on p.carreau = c.carreau
cross join sources as s
order by c.carreau
