-- How far apart the better-off and the poorer communes of a territory are. Communes are ranked by their median; the
-- fifth of the inhabitants who live in the poorest ones, and the fifth who live in the best-off ones, each stand for
-- the commune of their middle inhabitant (10 % and 90 % of the population). No median is summed nor averaged.
with medianes as (
  select a.niveau, a.code, a.attendues, f.annee, f.code as code_commune, f.valeur as mediane, f.edition, f.jeu,
    p.valeur as population, p.periode as periode_population, p.editions as editions_population
  from {{ ref('int_appartenances') }} as a
  inner join {{ ref('int_filosofi') }} as f
    on f.niveau = 'commune' and f.code = a.code_commune and f.mesure = 'mediane' and f.statut = 'definitif'
  inner join {{ ref('int_populations') }} as p
    on p.niveau = 'commune' and p.code = a.code_commune and p.statut = 'definitif' and p.valeur > 0
  -- The legal population of the same year, else of the nearest one (the older of two).
  qualify row_number() over (
    partition by a.niveau, a.code, f.annee, f.code
    order by abs(cast(p.periode as integer) - f.annee), p.periode
  ) = 1
),

habitants as (
  select a.niveau, a.code, p.periode, {{ somme('p.valeur') }} as population
  from {{ ref('int_appartenances') }} as a
  inner join {{ ref('int_populations') }} as p on p.niveau = 'commune' and p.code = a.code_commune
  group by a.niveau, a.code, p.periode
),

rangs as (
  select m.*,
    sum(cast(population as decimal(38, 6))) over (
      partition by niveau, code, annee order by mediane, code_commune rows unbounded preceding) as cumul,
    sum(cast(population as decimal(38, 6))) over (partition by niveau, code, annee) as total
  from medianes as m
),

niveaux as (
  select niveau, code, annee,
    arg_min(mediane, cumul) filter (where cumul >= total * 0.1) as bas,
    arg_min(mediane, cumul) filter (where cumul >= total * 0.9) as haut,
    count(*) as communes,
    max(attendues) as attendues,
    cast(max(total) as double) as couverte,
    max(periode_population) as periode_population,
    list_sort(list_distinct(list_concat(list(edition), flatten(list(editions_population))))) as editions,
    list_sort(list_distinct(list_concat(list(jeu), ['insee/populations']))) as jeux
  from rangs
  group by niveau, code, annee
  having count(*) >= 5  -- fewer communes than fifths: no fifth means anything
),

parts as (
  select n.*, n.couverte / h.population as part
  from niveaux as n
  inner join habitants as h on h.niveau = n.niveau and h.code = n.code and h.periode = n.periode_population
),

details as (
  select *, '' as ventilation, haut / bas as valeur from parts
  union all
  select *, 'communes_modestes', bas from parts
  union all
  select *, 'communes_aisees', haut from parts
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  ventilation,
  valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when communes < attendues then 'estime' else 'definitif' end as statut,
  'recalcule' as nature,
  concat_ws(' ',
    {{ couverture('Médiane connue pour', 'communes', 'attendues') }},
    case when communes < attendues
      then 'Elles comptent ' || {{ nombre_fr('100 * part', '0') }} || chr(160) || '% des habitants.' end,
    case when periode_population <> cast(annee as varchar)
      then 'Population de ' || periode_population || '.' end
  ) as note,
  'Filosofi ' || annee || ', population ' || periode_population as millesime,
  jeux,
  editions
from details
order by territoire_niveau, territoire_code, periode, ventilation
