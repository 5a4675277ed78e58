-- One row a third place of our communes. The source gives no commune code: a place is put in the contour that holds
-- its coordinates (even-odd rule), and when it has none, in the only commune of the territory that has the town's name.
with lieux as (
  select row_number() over (order by nom, code_postal, ville, longitude, latitude) as lieu, *
  from {{ ref('stg_tiers_lieux__recensement') }}
),

{{ situer_dans_les_contours('lieux', 'lieu') }},

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
