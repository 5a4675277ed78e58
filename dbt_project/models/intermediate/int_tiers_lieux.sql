-- One row a third place of our communes. The source gives no commune code: a place is put in the contour that holds
-- its coordinates (even-odd rule), and when it has none, in the only commune of the territory that has the town's name.
with lieux as (
  select row_number() over (order by nom, code_postal, ville, longitude, latitude) as lieu, *
  from {{ ref('stg_tiers_lieux__recensement') }}
),

polygones as (
  select code_commune,
    case json_extract_string(contour, '$.type')
      when 'Polygon' then [cast(json_extract(contour, '$.coordinates') as double[][][])]
      when 'MultiPolygon' then cast(json_extract(contour, '$.coordinates') as double[][][][])
    end as polygones
  from {{ ref('stg_geo__contours') }}
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
  select lieu, min(code_commune) as code_commune
  from (
    select l.lieu, a.code_commune
    from lieux as l
    inner join aretes as a
      on (a.y1 > l.latitude) <> (a.y2 > l.latitude)
      and l.longitude < (a.x2 - a.x1) * (l.latitude - a.y1) / (a.y2 - a.y1) + a.x1
    group by l.lieu, a.code_commune
    having count(*) % 2 = 1
  )
  group by lieu
),

noms as (
  select {{ nom_simple('nom') }} as ville, min(code_commune) as code_commune
  from {{ ref('int_communes') }}
  group by 1
  having count(*) = 1
)

select
  l.lieu,
  l.nom,
  l.annee,
  l.date_fichier,
  coalesce(s.code_commune, n.code_commune) as code_commune,
  s.code_commune is null as situe_par_nom,
  l.edition
from lieux as l
left join situes as s on s.lieu = l.lieu
left join noms as n on n.ville = {{ nom_simple('l.ville') }} and l.longitude is null
where coalesce(s.code_commune, n.code_commune) is not null
order by l.lieu
