-- Heat delivered by district networks, GWh: the sum of the communes that have one. A secret delivery is not zero: the
-- sum is then a floor, and nothing at all when every network is secret.
with places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

regroupe as (
  select p.niveau, p.code, s.annee,
    {{ somme('s.livraison_mwh') }} as mwh,
    count(*) as communes,
    count(*) filter (where s.statut = 'secret') as secretes,
    count(s.livraison_mwh) as connues,
    {{ editions_de('s.edition') }} as editions
  from places as p
  inner join {{ ref('stg_sdes__chaleur') }} as s on s.code_commune = p.code_commune
  group by p.niveau, p.code, s.annee
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  '' as ventilation,
  case when connues > 0 then mwh / 1000 end as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case
    when connues = 0 and secretes > 0 then 'secret'
    when connues = 0 then 'manquant'
    when connues < communes then 'estime'
    else 'definitif'
  end as statut,
  case when niveau = 'commune' then 'publie' else 'recalcule' end as nature,
  concat_ws(' ',
    case when niveau <> 'commune'
      then 'Communes desservies : ' || communes || '.' end,
    case when connues > 0 and secretes > 0
      then 'Valeur plancher : la livraison '
        || case when secretes = 1 then 'd’une commune' else 'de ' || secretes || ' communes' end
        || ' est couverte par le secret statistique.' end
  ) as note,
  'SDES, livraisons de ' || annee as millesime,
  ['sdes/chaleur'] as jeux,
  editions
from regroupe
order by territoire_niveau, territoire_code, periode
