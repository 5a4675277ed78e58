-- Organic and other EGAlim products in the purchases of canteens. The open files give shares, not amounts: a territory's
-- figure is the mean of the declared shares weighted by meals a year, an estimate of the ratio of amounts, and says so.
-- The rate of declaration (Wilson's interval) stands beside every figure.
with places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

annees as (
  select annee, {{ editions_de('edition') }} as editions from {{ ref('stg_macantine__teledeclarations') }} group by annee
),

cantines as (
  select p.niveau, p.code, a.annee, r.cantine, r.repas,
    d.cantine is not null as declare,
    d.part_bio,
    d.part_bio + d.part_egalim_hors_bio as part_durable,
    a.editions,
    r.edition
  from places as p
  inner join {{ ref('stg_macantine__registre') }} as r on r.code_commune = p.code_commune
  cross join annees as a
  left join {{ ref('stg_macantine__teledeclarations') }} as d on d.cantine = r.cantine and d.annee = a.annee
),

comptes as (
  select niveau, code, annee,
    count(*) as inscrites,
    count(*) filter (where declare) as declarantes,
    count(*) filter (where part_durable is not null and repas > 0) as mesurees,
    {{ somme('part_durable * repas') }}
      / nullif({{ somme('case when part_durable is not null then repas end') }}, 0) as durable,
    {{ somme('part_bio * repas') }} / nullif({{ somme('case when part_bio is not null then repas end') }}, 0) as bio,
    list_sort(list_distinct(list_concat(max(editions), list(edition)))) as editions
  from cantines
  group by niveau, code, annee
),

ventile as (
  select *, '' as ventilation, 100 * durable as valeur, cast(null as double) as bas, cast(null as double) as haut
  from comptes
  union all
  select *, 'bio', 100 * bio, null, null from comptes
  union all
  select *, 'taux_declaration', 100.0 * declarantes / inscrites,
    {{ wilson('declarantes', 'inscrites', '-') }}, {{ wilson('declarantes', 'inscrites', '+') }}
  from comptes
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  ventilation,
  valeur,
  bas as borne_basse,
  haut as borne_haute,
  case
    when valeur is null then 'manquant'
    when ventilation = 'taux_declaration' then 'definitif'
    else 'estime'
  end as statut,
  'recalcule' as nature,
  case when ventilation = 'taux_declaration' then declarantes || ' sur ' || inscrites || ' au registre.'
    else mesurees || case when mesurees > 1 then ' cantines' else ' cantine' end || ' avec une part déclarée ; '
      || declarantes || ' ont télédéclaré sur ' || inscrites || ' au registre ('
      || {{ nombre_fr('100.0 * declarantes / inscrites', 0) }} || ' %).' end as note,
  'ma cantine, achats de ' || annee as millesime,
  ['macantine/registre', 'macantine/teledeclarations'] as jeux,
  editions
from ventile
order by territoire_niveau, territoire_code, ventilation, periode
