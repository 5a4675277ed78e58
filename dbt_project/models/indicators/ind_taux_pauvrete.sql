-- Published at every level by Insee: a rate is never recomputed from those of communes.
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
  -- Insee publishes 5 for every communal rate of 5 % or less (FILO documentation, thresholds).
  case
    when statut = 'definitif' and niveau = 'commune' and valeur <= 5
      then 'Valeur plancher : l’Insee publie 5 % pour tout taux communal inférieur ou égal à 5 %.'
    when statut = 'secret' then 'Secret statistique : trop peu de ménages pour que l’Insee publie ce taux.'
    else ''
  end as note,
  millesime,
  [jeu] as jeux,
  [edition] as editions
from {{ ref('int_filosofi') }}
where mesure = 'pauvrete'
order by territoire_niveau, territoire_code, periode
