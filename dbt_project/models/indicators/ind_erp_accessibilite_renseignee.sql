-- Public services whose entrance is described in Acceslibre, among the public services that the BPE counts. Both
-- sides are counted by commune and kind of service; more descriptions than services of a kind count as all of them.
with attendus as (
  select code as code_commune, {{ service_public_bpe('type') }} as service, sum(nombre) as nombre,
    max(periode) as periode, {{ editions_de('edition') }} as editions
  from {{ ref('stg_insee__bpe') }}
  where niveau = 'commune' and periode = (select max(periode) from {{ ref('stg_insee__bpe') }})
  group by 1, 2
),

decrits as (
  select code_commune, {{ service_public_activite('activite') }} as service, count(distinct etablissement) as nombre
  from {{ ref('stg_acceslibre__erp') }}
  where entree_decrite
  group by 1, 2
),

base as (
  select strftime(max(nuit), '%Y-%m-%d') as periode, max(nuit) as recue, {{ editions_de('edition') }} as editions
  from {{ ref('stg_acceslibre__erp') }}
),

communes as (
  select a.code_commune, max(a.periode) as bpe,
    cast(sum(a.nombre) as bigint) as attendus,
    cast(sum(least(coalesce(d.nombre, 0), a.nombre)) as bigint) as decrits,
    list_sort(list_distinct(flatten(list(a.editions)))) as editions
  from attendus as a
  left join decrits as d on d.code_commune = a.code_commune and d.service = a.service
  where a.service is not null
  group by a.code_commune
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

comptes as (
  select p.niveau, p.code, max(c.bpe) as bpe, sum(c.attendus) as attendus, sum(c.decrits) as decrits,
    count(*) as communes, max(p.attendues) as attendues,
    list_sort(list_distinct(flatten(list(c.editions)))) as editions
  from places as p
  inner join communes as c on c.code_commune = p.code_commune
  group by p.niveau, p.code
),

ouvertes as (
  select
    c.niveau as territoire_niveau,
    c.code as territoire_code,
    b.periode,
    v.ventilation,
    cast(case v.ventilation
      when '' then 100.0 * c.decrits / c.attendus
      when 'decrits' then c.decrits
      else c.attendus
    end as double) as valeur,
    case v.ventilation when '' then {{ wilson('c.decrits', 'c.attendus', '-') }} end as borne_basse,
    case v.ventilation when '' then {{ wilson('c.decrits', 'c.attendus', '+') }} end as borne_haute,
    case when c.communes < c.attendues then 'estime' else 'definitif' end as statut,
    'recalcule' as nature,
    case when c.communes < c.attendues then {{ couverture('Sur', 'c.communes', 'c.attendues') }} else '' end as note,
    'Acceslibre, reçu le ' || strftime(b.recue, '%Y-%m-%d') || ' ; équipements ' || c.bpe as millesime,
    ['acceslibre/erp', 'insee/bpe'] as jeux,
    list_sort(list_distinct(b.editions || c.editions)) as editions
  from comptes as c
  cross join base as b
  cross join (values (''), ('decrits'), ('attendus')) as v(ventilation)
  where b.periode is not null and c.attendus > 0
)

{{ avec_saisies('erp_accessibilite_renseignee', 'ouvertes') }}
order by territoire_niveau, territoire_code, ventilation, periode
