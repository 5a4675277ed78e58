-- Published at every level by Insee: a rate is never recomputed from those of communes. Insee writes 5 for every
-- communal rate of 5 % or less (FILO documentation, thresholds): a ceiling, so its bounds are 0 and 5.
with taux as (
  select *, coalesce(statut = 'definitif' and niveau = 'commune' and valeur <= 5, false) as plafond
  from {{ ref('int_filosofi') }}
  where mesure = 'pauvrete'
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  '' as ventilation,
  case when statut = 'definitif' then valeur end as valeur,
  case when plafond then cast(0 as double) end as borne_basse,
  case when plafond then valeur end as borne_haute,
  case when plafond then 'estime' else statut end as statut,
  'publie' as nature,
  case
    when plafond then '5 % ou moins : l’Insee remplace par 5 % tout taux communal inférieur ou égal à 5 %.'
    when statut = 'secret' then 'Secret statistique : trop peu de ménages pour que l’Insee publie ce taux.'
    else ''
  end as note,
  millesime,
  [jeu] as jeux,
  [edition] as editions
from taux
order by territoire_niveau, territoire_code, periode
