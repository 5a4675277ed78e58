-- Recorded victims of physical violence within the family for 1,000 inhabitants, at the place of the facts.
-- Communes: the publisher's numbers; as soon as one of them has a year with fewer than 30 victims, all of them are means
-- of three published years in a row, so that a map compares like with like. EPCI: the sum of the published communes over
-- the whole population is a floor, unless the publisher gives its mean for each hidden commune. Bounds: Poisson (Byar)
-- at 95 %. Detail `ancienne_nomenclature`: département and region before 2025, another scope, in a series of its own. A
-- level whose file is of another edition is left out: past years are revised from one edition to the next.
{% set seuil = 30 %}
with faits as (
  select * from {{ ref('stg_ssmsi__delinquance') }}
),

communales as (
  select f.*, min(victimes) filter (where statut = 'definitif') over () as plus_petit
  from faits as f
  inner join {{ ref('int_communes') }} as c on f.niveau = 'commune' and c.code_commune = f.code
  where f.nomenclature = 'actuelle'
),

fenetres as (
  select niveau, code, annee, edition_annee, edition, statut,
    if(plus_petit < {{ seuil }}, 3, 1) as voulues,
    case when plus_petit < {{ seuil }} then (annee - 2) || '/' || annee else cast(annee as varchar) end as periode,
    if(plus_petit < {{ seuil }}, sum(victimes) over trois, victimes) as victimes,
    if(plus_petit < {{ seuil }}, sum(population) over trois, population) as population,
    if(
      plus_petit < {{ seuil }}, count(*) filter (where statut = 'definitif') over trois, if(statut = 'definitif', 1, 0)
    ) as annees
  from communales
  window trois as (partition by code order by annee range between 2 preceding and current row)
),

-- A commune whose last years are not all published says so, for the last period only.
communes as (
  select niveau, code, periode, victimes, population, voulues, edition,
    if(annees = voulues, 'definitif', 'secret') as statut
  from fenetres
  where annees = voulues or annee = edition_annee
),

annees as (
  select distinct annee from communales
),

-- Every commune of a territory every year, published or not.
membres as (
  select a.niveau, a.code, a.attendues, y.annee, c.victimes, c.moyenne_non_diffusees, p.valeur as population,
    coalesce(c.statut, 'secret') as statut, list_concat(coalesce(p.editions, []), [c.edition]) as editions
  from {{ ref('int_appartenances') }} as a
  cross join annees as y
  left join communales as c on c.code = a.code_commune and c.annee = y.annee
  left join {{ ref('int_populations') }} as p
    on p.niveau = 'commune' and p.code = a.code_commune
    and p.periode = cast(least(y.annee, (
      select max(cast(periode as integer)) from {{ ref('int_populations') }} where niveau = 'commune'
    )) as varchar)
),

sommes as (
  select niveau, code, cast(annee as varchar) as periode,
    {{ somme('victimes') }} as publiees,
    {{ somme("case when statut = 'definitif' then victimes else moyenne_non_diffusees end") }} as completes,
    {{ somme('population') }} as population,
    count(*) filter (where statut = 'definitif') as diffusees,
    count(*) filter (where statut <> 'definitif' and moyenne_non_diffusees is null) as inconnues,
    count(*) filter (where population is null) as sans_population,
    max(attendues) as attendues,
    list_sort(list_distinct(flatten(list(editions)))) as editions
  from membres
  group by niveau, code, annee
),

superieures as (
  select f.niveau, f.code, cast(f.annee as varchar) as periode, f.victimes, f.population, f.taux, f.nomenclature,
    f.edition, f.edition_annee
  from faits as f
  where f.niveau <> 'commune' and f.statut = 'definitif'
    and f.edition_annee = (select max(edition_annee) from communales)
),

tout as (
  select niveau, code, periode, '' as ventilation,
    case when statut = 'definitif' then 1000 * victimes / population end as valeur,
    case when statut = 'definitif' then 1000 * {{ poisson('victimes', '-') }} / population end as basse,
    case when statut = 'definitif' then 1000 * {{ poisson('victimes', '+') }} / population end as haute,
    statut,
    'recalcule' as nature,
    case
      when statut = 'secret' and voulues = 3
        then 'Non diffusé pour au moins une des trois années : ce n’est pas un zéro.'
      when statut = 'secret' then 'Non diffusé : ce n’est pas un zéro.'
      when voulues = 3 then 'Moyenne de trois ans.'
      else ''
    end as note,
    ['ssmsi/delinquance'] as jeux,
    [edition] as editions
  from communes
  union all
  select niveau, code, periode, '',
    case when sans_population = 0
      then 1000 * (case when inconnues = 0 then completes else publiees end) / population end,
    case when sans_population = 0 and inconnues = 0
      then 1000 * {{ poisson('completes', '-') }} / population end,
    case when sans_population = 0 and inconnues = 0
      then 1000 * {{ poisson('completes', '+') }} / population end,
    case when sans_population > 0 then 'manquant' when diffusees < attendues then 'estime' else 'definitif' end,
    'recalcule',
    case
      when diffusees = attendues then ''
      when inconnues = 0 then {{ couverture('Nombres diffusés pour', 'diffusees', 'attendues') }}
        || ' Les autres sont comptées à la moyenne départementale des communes non diffusées.'
      else 'Valeur plancher : seules les communes diffusées sont comptées, sur toute la population. '
        || {{ couverture('Nombres diffusés pour', 'diffusees', 'attendues') }}
    end,
    ['insee/populations', 'ssmsi/delinquance'],
    editions
  from sommes
  where diffusees > 0
  union all
  select niveau, code, periode, case when nomenclature = 'ancienne' then 'ancienne_nomenclature' else '' end,
    taux,
    1000 * {{ poisson('victimes', '-') }} / population,
    1000 * {{ poisson('victimes', '+') }} / population,
    'definitif', 'publie', '', ['ssmsi/delinquance'], [edition]
  from superieures
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  periode,
  ventilation,
  valeur,
  basse as borne_basse,
  haute as borne_haute,
  statut,
  nature,
  note,
  'SSMSI, faits enregistrés jusqu’en ' || (select max(edition_annee) from communales) as millesime,
  jeux,
  editions
from tout
order by territoire_niveau, territoire_code, ventilation, periode
