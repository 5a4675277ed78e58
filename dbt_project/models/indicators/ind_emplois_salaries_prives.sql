-- Private-sector employees at 31 December, at the place of work. A count: the EPCI is the sum of its communes, where a
-- commune without a declared employer counts for nothing.
with places as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

annees as (
  select distinct annee from {{ ref('stg_urssaf__effectifs') }}
),

comptes as (
  select p.niveau, p.code, y.annee,
    {{ somme('u.salaries') }} as salaries,
    count(u.salaries) as communes,
    max(p.attendues) as attendues,
    {{ editions_de('u.edition') }} as editions
  from places as p
  cross join annees as y
  inner join {{ ref('stg_urssaf__effectifs') }} as u on u.code_commune = p.code_commune and u.annee = y.annee
  group by p.niveau, p.code, y.annee
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  '' as ventilation,
  salaries as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when salaries is null then 'manquant' else 'definitif' end as statut,
  case when niveau = 'commune' then 'publie' else 'recalcule' end as nature,
  case
    when salaries is null then 'Aucun employeur déclaré cette année-là, ou aucun salarié : la source ne le dit pas.'
    when communes < attendues then {{ couverture('Somme de', 'communes', 'attendues') }}
      || ' Les autres n’ont pas d’employeur déclaré.'
    else ''
  end as note,
  'Urssaf, 31 décembre ' || annee as millesime,
  ['urssaf/effectifs'] as jeux,
  editions
from comptes
order by territoire_niveau, territoire_code, periode
