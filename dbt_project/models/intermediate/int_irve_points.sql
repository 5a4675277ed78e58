-- One row a public charge point, located in a commune. The base repeats points (same id_pdc_itinerance in several
-- resources): the most recently updated line wins. A point without commune code is located by its coordinates, in
-- the contour that contains them (even-odd rule on the published contours).
with uniques as (
  select *
  from {{ ref('stg_irve__points') }}
  where point is not null
  qualify row_number() over (
    partition by point
    order by mise_a_jour desc nulls last, (code_commune is null), station nulls last, code_commune, puissance_kw desc
  ) = 1
),

a_situer as (
  select point, longitude, latitude
  from uniques
  where code_commune is null and longitude is not null and latitude is not null
),

polygones as (
  -- A MultiPolygon is a list of polygons, a Polygon is one: both become rows of rings.
  select code_commune,
    case json_extract_string(contour, '$.type')
      when 'Polygon' then [cast(json_extract(contour, '$.coordinates') as double[][][])]
      when 'MultiPolygon' then cast(json_extract(contour, '$.coordinates') as double[][][][])
    end as polygones
  from {{ ref('stg_geo__contours') }}
  where exists (select 1 from a_situer)
),

anneaux as (
  select code_commune, unnest(flatten(polygones)) as anneau, generate_subscripts(flatten(polygones), 1) as rang
  from polygones
  where polygones is not null
),

aretes as (
  select code_commune,
    anneau[i][1] as x1, anneau[i][2] as y1, anneau[i + 1][1] as x2, anneau[i + 1][2] as y2
  from (select code_commune, anneau, unnest(range(1, len(anneau))) as i from anneaux)
),

situes as (
  select p.point, min(a.code_commune) as code_commune
  from (
    select p.point, a.code_commune
    from a_situer as p
    inner join aretes as a
      on (a.y1 > p.latitude) <> (a.y2 > p.latitude)
      and p.longitude < (a.x2 - a.x1) * (p.latitude - a.y1) / (a.y2 - a.y1) + a.x1
    group by p.point, a.code_commune
    having count(*) % 2 = 1
  ) as a
  inner join a_situer as p on p.point = a.point
  group by p.point
)

select
  u.point,
  coalesce(u.station, u.point) as station,
  coalesce(u.code_commune, s.code_commune) as code_commune,
  u.code_commune is null and s.code_commune is not null as situe_par_coordonnees,
  u.puissance_kw,
  u.mise_a_jour,
  u.edition,
  u.nuit
from uniques as u
left join situes as s on s.point = u.point
order by u.point
