-- Deaths observed and expected over three years, by territory: the two terms of indirect standardisation.
-- Expected: population by sex and age of the territory (census of the year nearest to the middle of the period, two
-- years away at most) times the national rate of the same sex and age, year by year. A period whose rates or deaths
-- are not all known is not counted. EPCI and bassins: sums of their communes, which is what the method allows.
with references_ as (
  select annee, sexe, tranche, taux, edition from {{ ref('stg_referentiel__taux_mortalite') }}
),

periodes as (
  select a.annee as debut, a.annee + 2 as fin, a.annee + 1 as milieu
  from (select distinct annee from references_) as a
  where (select count(distinct r.annee) from references_ as r where r.annee between a.annee and a.annee + 2) = 3
),

observes as (
  select p.debut, p.fin, p.milieu, d.niveau, d.code,
    cast(sum(d.deces) as bigint) as observes,
    {{ editions_de('d.edition') }} as editions
  from periodes as p
  inner join {{ ref('stg_insee__deces') }} as d on d.annee between p.debut and p.fin
  where d.statut = 'definitif' and d.niveau <> 'epci'
  group by p.debut, p.fin, p.milieu, d.niveau, d.code
  having count(*) = 3
),

-- The nearest census of each territory that has every sex and band.
recensements as (
  select niveau, code, annee
  from {{ ref('stg_insee__rp_ages') }}
  where valeur is not null
  group by niveau, code, annee
  having count(*) = 2 * (select count(distinct tranche) from references_)
),

proches as (
  select o.debut, o.niveau, o.code, r.annee
  from observes as o
  inner join recensements as r on r.niveau = o.niveau and r.code = o.code and abs(r.annee - o.milieu) <= 2
  qualify row_number() over (
    partition by o.debut, o.niveau, o.code order by abs(r.annee - o.milieu), r.annee desc
  ) = 1
),

attendus as (
  select n.debut, n.niveau, n.code, n.annee as recensement,
    {{ somme('a.valeur * t.taux / 1000') }} as attendus,
    {{ somme('a.valeur') }} / 3 as population,
    {{ editions_de('a.edition') }} as editions,
    {{ editions_de('t.edition') }} as editions_taux
  from proches as n
  inner join {{ ref('stg_insee__rp_ages') }} as a on a.niveau = n.niveau and a.code = n.code and a.annee = n.annee
  inner join references_ as t
    on t.sexe = a.sexe and t.tranche = a.tranche and t.annee between n.debut and n.debut + 2
  group by n.debut, n.niveau, n.code, n.annee
),

territoires as (
  select o.niveau, o.code, o.debut, o.fin, o.observes, a.attendus, a.population, a.recensement,
    0 as communes, 0 as attendues,
    list_sort(list_distinct(flatten([o.editions, a.editions, a.editions_taux]))) as editions
  from observes as o
  inner join attendus as a on a.debut = o.debut and a.niveau = o.niveau and a.code = o.code
)

select niveau, code, debut || '/' || fin as periode, debut, fin, observes, attendus, population, recensement,
  communes, attendues, editions
from territoires
union all
select p.niveau, p.code, t.debut || '/' || t.fin, t.debut, t.fin,
  cast(sum(t.observes) as bigint), {{ somme('t.attendus') }}, {{ somme('t.population') }}, max(t.recensement),
  count(*), max(p.attendues),
  list_sort(list_distinct(flatten(list(t.editions))))
from {{ ref('int_appartenances') }} as p
inner join territoires as t on t.niveau = 'commune' and t.code = p.code_commune
group by p.niveau, p.code, t.debut, t.fin
order by niveau, code, debut
