-- Jobs located in a territory for 100 of its residents who have one. The comparateur counts jobs whatever the age of
-- who holds them, and the employed from 15 to 64 only. Detail (another table, other vintages): share of the employed
-- residents who work in their own commune.
with comparateur as (
  select code_commune, annee, edition,
    max(valeur) filter (where mesure = 'EMPLT') as emplois,
    max(valeur) filter (where mesure = 'ACT1564') - max(valeur) filter (where mesure = 'CHOM1564') as occupes,
    bool_or(statut = 'secret') as secret
  from {{ ref('stg_insee__comparateur') }}
  where mesure in ('EMPLT', 'ACT1564', 'CHOM1564')
  group by code_commune, annee, edition
),

emplois as (
  select 'commune' as niveau, code_commune as code, annee, emplois, occupes, secret, [edition] as editions
  from comparateur
),

navettes as (
  select niveau, code, annee,
    max(valeur) filter (where lieu = '10') as sur_place,
    max(valeur) filter (where mode = '_T' and lieu = '_T') as actifs,
    bool_or(statut = 'secret' and mode = '_T') as secret,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_insee__rp_navettes') }}
  where niveau is not null
  group by niveau, code, annee
),

-- A ratio of two counts of different things has no share's bounds; the detail is a share and has them.
lignes as (
  select e.niveau, e.code, e.annee, '' as ventilation, e.emplois as nombre, e.occupes as total,
    e.communes, e.attendues, e.editions, coalesce(c.secret, false) as secret, 'insee/comparateur' as jeu
  from ({{ comptes_par_territoire('emplois', ['annee'], ['emplois', 'occupes']) }}) as e
  left join emplois as c on c.niveau = e.niveau and c.code = e.code and c.annee = e.annee
  union all
  select n.niveau, n.code, n.annee, 'travail_dans_la_commune', n.sur_place, n.actifs,
    n.communes, n.attendues, n.editions, coalesce(c.secret, false), 'insee/rp_navettes'
  from ({{ comptes_par_territoire('navettes', ['annee'], ['sur_place', 'actifs']) }}) as n
  left join navettes as c on c.niveau = n.niveau and c.code = n.code and c.annee = n.annee
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  ventilation,
  100 * nombre / nullif(total, 0) as valeur,
  case when ventilation <> '' and niveau = 'commune' and total > 0
    then {{ wilson('nombre', 'total', '-') }} end as borne_basse,
  case when ventilation <> '' and niveau = 'commune' and total > 0
    then {{ wilson('nombre', 'total', '+') }} end as borne_haute,
  {{ statut_part('100 * nombre / nullif(total, 0)', 'secret', 'communes', 'attendues') }} as statut,
  'recalcule' as nature,
  {{ note_part('total', 'communes', 'attendues') }} as note,
  'Recensement ' || annee as millesime,
  [jeu] as jeux,
  editions
from lignes
order by territoire_niveau, territoire_code, periode, ventilation
