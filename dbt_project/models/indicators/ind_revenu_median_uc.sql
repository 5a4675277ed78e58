-- Published at every level by Insee: a median is never recomputed from those of communes.
select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  '' as ventilation,
  case when statut = 'definitif' then valeur end as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  statut,
  'publie' as nature,
  '' as note,
  millesime,
  [jeu] as jeux,
  [edition] as editions
from {{ ref('int_filosofi') }}
where mesure = 'mediane'
order by territoire_niveau, territoire_code, periode
