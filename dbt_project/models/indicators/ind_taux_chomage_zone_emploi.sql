-- Two publications of the same estimates: zones d'emploi, and départements with France. The last quarter of each is
-- provisional (Insee revises it with the next one). Region and France come from the data bank (BDM) where the workbook of
-- the départements has none. Nothing is recomputed: the rate does not exist for an EPCI.
with lignes as (
  select 'zone_emploi' as niveau, code, periode, valeur, 'insee/chomage_ze' as jeu, edition
  from {{ ref('stg_insee__chomage_ze') }}
  union all
  select niveau, code, periode, valeur, 'insee/chomage_departement', edition
  from {{ ref('stg_insee__chomage_departement') }}
  union all
  select niveau, code, periode, valeur, 'insee/bdm', edition
  from {{ ref('stg_insee__bdm') }} as b
  where idbank in ('001515842', '001739982', '001688527')
    and not exists (
      select 1 from {{ ref('stg_insee__chomage_departement') }} as d
      where d.niveau = b.niveau and d.code = b.code and d.periode = b.periode
    )
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  periode,
  '' as ventilation,
  valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case
    when valeur is null then 'manquant'
    when periode = max(periode) over (partition by jeu) then 'provisoire'
    else 'definitif'
  end as statut,
  'publie' as nature,
  '' as note,
  'Série jusqu’au ' || substr(max(periode) over (partition by jeu), 7, 1)
    || case when substr(max(periode) over (partition by jeu), 7, 1) = '1' then 'er' else 'e' end
    || ' trimestre ' || substr(max(periode) over (partition by jeu), 1, 4) as millesime,
  [jeu] as jeux,
  [edition] as editions
from lignes
order by territoire_niveau, territoire_code, periode
