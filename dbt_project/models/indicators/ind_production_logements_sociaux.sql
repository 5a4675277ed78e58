-- Social rented dwellings first let in the year, still in the stock. Detail `moyenne_3_ans`: mean of three years in a
-- row, how the contract's « en moyenne » is read. A commune without a row in a whole file had none. Bounds of a commune:
-- Poisson (Byar) at 95 %.
with etat as (
  select min(annee) as premiere, max(millesime) - 1 as derniere, {{ editions_de('edition') }} as editions
  from {{ ref('stg_rpls__mises_en_service') }}
),

annees as (
  select unnest(range(premiere, derniere + 1)) as annee, derniere, editions from etat
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

comptes as (
  select p.niveau, p.code, y.annee, y.derniere, y.editions,
    cast(sum(coalesce(r.logements, 0)) as double) as logements
  from places as p
  cross join annees as y
  left join {{ ref('stg_rpls__mises_en_service') }} as r on r.code_commune = p.code_commune and r.annee = y.annee
  group by p.niveau, p.code, y.annee, y.derniere, y.editions
),

tout as (
  select niveau, code, cast(annee as varchar) as periode, '' as ventilation, logements, 1 as annees, derniere, editions
  from comptes
  union all
  select niveau, code, (annee - 2) || '/' || annee, 'moyenne_3_ans', sum(logements) over trois, count(*) over trois,
    derniere, editions
  from comptes
  window trois as (partition by niveau, code order by annee range between 2 preceding and current row)
),

ouvertes as (
  select
    niveau as territoire_niveau,
    code as territoire_code,
    periode,
    ventilation,
    logements / annees as valeur,
    case when niveau = 'commune' then {{ poisson('logements', '-') }} / annees end as borne_basse,
    case when niveau = 'commune' then {{ poisson('logements', '+') }} / annees end as borne_haute,
    'definitif' as statut,
    'recalcule' as nature,
    case when ventilation = '' then '' else 'Moyenne de trois ans.' end as note,
    'RPLS, parc au 1er janvier ' || (derniere + 1) as millesime,
    ['rpls/mises_en_service'] as jeux,
    editions
  from tout
  where ventilation = '' or annees = 3
)

{{ avec_saisies('production_logements_sociaux', 'ouvertes') }}
order by territoire_niveau, territoire_code, periode, ventilation
