-- Natural, agricultural and forest land consumed in a civil year, in hectares; ventilation `cumul_2021`: total since
-- 1 January 2021. The last year of the publication is provisional, and so is the total that contains it.
with places as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

flux as (
  select p.niveau, p.code, e.annee,
    sum(cast(e.flux_m2 as decimal(38, 6))) as m2,
    count(*) as communes,
    max(p.attendues) as attendues,
    {{ editions_de('e.edition') }} as editions
  from places as p
  inner join {{ ref('stg_cerema__consommation_enaf') }} as e on e.code_commune = p.code_commune
  where e.flux_m2 is not null
  group by p.niveau, p.code, e.annee
),

series as (
  select niveau, code, annee, '' as ventilation, m2, communes, attendues, editions from flux
  union all
  select niveau, code, annee, 'cumul_2021',
    sum(m2) over (partition by niveau, code order by annee rows unbounded preceding),
    communes, attendues, editions
  from flux
  where annee >= 2021
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  ventilation,
  cast(m2 as double) / 10000 as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case
    when annee = max(annee) over () then 'provisoire'
    when communes < attendues then 'estime'
    else 'definitif'
  end as statut,
  case when niveau = 'commune' and ventilation = '' then 'publie' else 'recalcule' end as nature,
  concat_ws(' ',
    case when annee = max(annee) over () then 'Dernière année publiée, provisoire.' end,
    case when communes < attendues then {{ couverture('Somme de', 'communes', 'attendues') }} end
  ) as note,
  'Cerema, consommation ' || min(annee) over () || '-' || max(annee) over () as millesime,
  ['cerema/consommation_enaf'] as jeux,
  editions
from series
order by territoire_niveau, territoire_code, ventilation, periode
