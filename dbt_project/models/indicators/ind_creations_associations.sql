-- Associations created for 1,000 inhabitants, by commune of the seat. As soon as one commune has a year with fewer than 30
-- creations, all of them are means of three years, so that a map compares like with like; a territory above the commune
-- has its own threshold. A commune without a row in a whole file created none. The year of the file itself is not over
-- and is left out. Bounds: Poisson (Byar) at 95 %.
{% set seuil = 30 %}
with etat as (
  select min(annee) as premiere, year(max(date_etat)) - 1 as derniere, {{ editions_de('edition') }} as editions
  from {{ ref('stg_rna__creations') }}
),

annees as (
  select unnest(range(premiere, derniere + 1)) as annee, editions from etat
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

-- Populations are published two or three years late: the newest one serves until then.
populations as (
  select niveau, code, cast(periode as integer) as annee, valeur, editions,
    max(cast(periode as integer)) over (partition by niveau, code) as derniere
  from {{ ref('int_populations') }}
  where valeur is not null
),

comptes as (
  select p.niveau, p.code, y.annee, y.editions,
    cast(sum(coalesce(r.creations, 0)) as double) as creations
  from places as p
  cross join annees as y
  left join {{ ref('stg_rna__creations') }} as r on r.code_commune = p.code_commune and r.annee = y.annee
  group by p.niveau, p.code, y.annee, y.editions
),

denombre as (
  select c.niveau, c.code, c.annee, c.creations, o.valeur as population, o.annee as population_annee,
    list_sort(list_distinct(list_concat(c.editions, coalesce(o.editions, [])))) as editions,
    min(c.creations) over (partition by c.niveau, if(c.niveau = 'commune', '', c.code)) as plus_petit
  from comptes as c
  left join populations as o
    on o.niveau = c.niveau and o.code = c.code and o.annee = least(c.annee, o.derniere)
),

tout as (
  select niveau, code, cast(annee as varchar) as periode, creations, population, population_annee, annee, 1 as annees,
    editions
  from denombre
  where plus_petit >= {{ seuil }}
  union all
  select niveau, code, (annee - 2) || '/' || annee,
    sum(creations) over trois, sum(population) over trois, population_annee, annee, count(*) over trois, editions
  from denombre
  where plus_petit < {{ seuil }}
  window trois as (partition by niveau, code order by annee range between 2 preceding and current row)
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  periode,
  '' as ventilation,
  1000 * creations / population as valeur,
  1000 * {{ poisson('creations', '-') }} / population as borne_basse,
  1000 * {{ poisson('creations', '+') }} / population as borne_haute,
  case when population is null then 'manquant' else 'definitif' end as statut,
  'recalcule' as nature,
  concat_ws(' ',
    case when annees = 3 then 'Moyenne de trois ans.' end,
    case when population_annee < annee then 'Rapporté à la population de ' || population_annee || '.' end
  ) as note,
  'RNA, créations jusqu’en ' || (select derniere from etat) as millesime,
  ['insee/populations', 'rna/creations'] as jeux,
  editions
from tout
where periode not like '%/%' or annees = 3
order by territoire_niveau, territoire_code, periode
