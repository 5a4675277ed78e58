-- Places of lodging in homes for the elderly per 1,000 people of 75 and over. FINESS is a register: a commune without a
-- home has no place, which is zero; a home whose places are not known makes a floor.
with etat as (
  select max(date_etat) as jour, {{ editions_de('edition') }} as editions
  from {{ ref('stg_finess__etablissements') }}
),

places as (
  select code_commune,
    coalesce(sum(places), 0) as places,
    count(*) - count(places) as inconnus
  from {{ ref('stg_finess__etablissements') }}
  where hebergement_ages
  group by code_commune
),

recensement as (
  select niveau, code, annee,
    {{ somme('valeur') }} as ages,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_insee__rp_ages') }}
  where tranche in ('Y75T79', 'Y80T84', 'Y85T89', 'Y90T94', 'Y_GE95')
  group by niveau, code, annee
  having count(valeur) = 10
  qualify annee = max(annee) over (partition by niveau, code)
),

membres as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

comptes as (
  select m.niveau, m.code,
    coalesce(sum(p.places), 0) as places, coalesce(sum(p.inconnus), 0) as inconnus,
    {{ somme('r.ages') }} as ages, max(r.annee) as annee,
    count(r.code) as communes, max(m.attendues) as attendues,
    list_sort(list_distinct(flatten(list(r.editions)))) as editions
  from membres as m
  inner join recensement as r on r.niveau = 'commune' and r.code = m.code_commune
  left join places as p on p.code_commune = m.code_commune
  group by m.niveau, m.code
  union all
  -- The département has its own figure only when the register goes beyond the communes of the observatory.
  select 'departement', r.code, sum(p.places), sum(p.inconnus), max(r.ages), max(r.annee), 1, 1,
    list_sort(list_distinct(flatten(list(r.editions))))
  from recensement as r
  inner join places as p on p.code_commune like r.code || '%'
  where r.niveau = 'departement' and r.code = '{{ var("departement") }}'
  group by r.code
  having bool_or(p.code_commune not in (select code_commune from {{ ref('int_communes') }}))
)

select
  c.niveau as territoire_niveau,
  c.code as territoire_code,
  strftime(e.jour, '%Y-%m') as periode,
  '' as ventilation,
  1000 * c.places / nullif(c.ages, 0) as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case
    when coalesce(c.ages, 0) = 0 then 'manquant'
    when c.inconnus > 0 or c.communes < c.attendues then 'estime'
    else 'definitif'
  end as statut,
  'recalcule' as nature,
  concat_ws(' ',
    case when c.inconnus > 0 then 'Valeur plancher : les places de ' || c.inconnus
      || case when c.inconnus > 1 then ' établissements ne sont pas connues.' else ' établissement ne sont pas connues.' end
    end,
    case when c.communes < c.attendues then {{ couverture('Sur', 'c.communes', 'c.attendues') }} end,
    case when c.ages < 200 then 'Moins de 200 personnes de 75 ans et plus : à lire avec prudence.' end) as note,
  'Recensement ' || c.annee || ', FINESS au ' || e.jour as millesime,
  ['finess/etablissements', 'insee/rp_ages'] as jeux,
  list_sort(list_distinct(flatten([c.editions, e.editions]))) as editions
from comptes as c
cross join etat as e
where e.jour is not null
order by territoire_niveau, territoire_code, periode
