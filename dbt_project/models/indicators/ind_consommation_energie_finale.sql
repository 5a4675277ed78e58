-- Electricity and gas delivered by the networks, in GWh: two series that are never joined.
-- From 2022 on, commune by commune: the gas of power stations is outside the total and stands in the ventilation
-- `gaz_centrale_exclue`; where cells are suppressed, a sum is a floor (`estime`, its note says how many cells); where
-- nothing but suppressed cells is left, the figure is secret.
-- From 2011 to 2021, by département, of which the region and France are sums: the gas of power stations is included.
{%- set secteurs = ['agriculture', 'industrie', 'tertiaire', 'residentiel', 'non_affecte'] %}
with communes as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

-- Housing never holds a power station: it is one more detail of the same lines.
logements as (
  select code_commune, annee, 'residentiel' as ventilation,
    {{ somme("case when statut = 'definitif' then consommation_mwh end") }} as consommation_mwh,
    cast(sum(mailles_secretes) as bigint) as mailles_secretes,
    cast(count(*) filter (where statut = 'definitif') as bigint) as lignes_connues,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_ore__consommation') }}
  where secteur = 'RESIDENTIEL' and energie in ('electricite', 'gaz')
  group by code_commune, annee
),

details as (
  select code_commune, annee, energie as ventilation, consommation_mwh, mailles_secretes, lignes_connues, editions
  from {{ ref('int_energie') }}
  union all
  select code_commune, annee, '', consommation_mwh, mailles_secretes, lignes_connues, editions
  from {{ ref('int_energie') }}
  where energie <> 'gaz_centrale_exclue'
  union all
  select code_commune, annee, ventilation, consommation_mwh, mailles_secretes, lignes_connues, editions
  from logements
),

regroupe as (
  select c.niveau, c.code, d.annee, d.ventilation,
    {{ somme('d.consommation_mwh') }} as mwh,
    sum(d.mailles_secretes) as mailles,
    sum(d.lignes_connues) as lignes_connues,
    count(distinct d.code_commune) as communes,
    max(c.attendues) as attendues,
    list_sort(list_distinct(flatten(list(d.editions)))) as editions
  from communes as c
  inner join details as d on d.code_commune = c.code_commune
  group by c.niveau, c.code, d.annee, d.ventilation
),

ancienne as (
  select d.*, t.niveau, t.code
  from {{ ref('stg_ore__departements') }} as d
  cross join lateral (
    values
      ('departement', case when d.code_departement = '{{ var("departement") }}' then d.code_departement end),
      ('region', case when d.code_region = '{{ var("region") }}' then d.code_region end),
      ('france', 'F')
  ) as t(niveau, code)
  where t.code is not null and d.energie in ('electricite', 'gaz')
),

anciens_details as (
  select niveau, code, annee, energie as ventilation, total_mwh as mwh, mailles_secretes, edition from ancienne
  union all
  select niveau, code, annee, '', total_mwh, mailles_secretes, edition from ancienne
  {%- for secteur in secteurs %}
  union all
  select niveau, code, annee, '{{ secteur }}', {{ secteur }}_mwh, mailles_secretes, edition from ancienne
  {%- endfor %}
),

ancien as (
  select niveau, code, annee, ventilation, {{ somme('mwh') }} as mwh, sum(mailles_secretes) as mailles,
    {{ editions_de('edition') }} as editions
  from anciens_details
  group by niveau, code, annee, ventilation
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  ventilation,
  case when lignes_connues > 0 then mwh / 1000 end as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case
    when lignes_connues = 0 and mailles > 0 then 'secret'
    when lignes_connues = 0 then 'manquant'
    when mailles > 0 then 'estime'
    when ventilation = '' and communes < attendues then 'estime'
    else 'definitif'
  end as statut,
  'recalcule' as nature,
  concat_ws(' ',
    case when ventilation = 'gaz_centrale_exclue'
      then 'Gaz brûlé pour produire de l’électricité : exclu du total, montré ici pour mémoire.' end,
    case when lignes_connues > 0 and mailles > 0
      then 'Valeur plancher : '
        || case when mailles = 1 then 'une maille couverte' else mailles || ' mailles couvertes' end
        || ' par le secret statistique n’y '
        || case when mailles = 1 then 'est pas comptée.' else 'sont pas comptées.' end end,
    case when ventilation = '' and communes < attendues
      then {{ couverture('Somme de', 'communes', 'attendues') }} end
  ) as note,
  'Agence ORE ' || annee as millesime,
  ['ore/consommation'] as jeux,
  editions
from regroupe
union all
select
  niveau,
  code,
  cast(annee as varchar),
  ventilation,
  mwh / 1000,
  null,
  null,
  case when mwh is null then 'manquant' when mailles > 0 or annee = 2011 then 'estime' else 'definitif' end,
  'recalcule',
  concat_ws(' ',
    'Ancienne série de l’Agence ORE, close en 2021.',
    case when ventilation in ('', 'gaz', 'industrie')
      then 'Le gaz brûlé par les centrales électriques y est compris.' end,
    case when annee = 2011 and ventilation <> 'gaz'
      then 'Les clients du réseau de transport d’électricité n’y sont pas encore.' end,
    case when mailles > 0
      then 'Valeur plancher : ' || {{ nombre_fr('mailles', 0) }} || ' mailles des lignes sommées sont couvertes par le secret.'
      end
  ),
  'Agence ORE, série 2011-2021',
  ['ore/departements'],
  editions
from ancien
order by territoire_niveau, territoire_code, periode, ventilation
