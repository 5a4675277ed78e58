-- Totals since 1 January of the indicators that are counted day by day, one row a day observed. Another daily count adds
-- its rows here (same columns) and gets its within-year pace. Air: days lived through by an inhabitant on average, the
-- weights of a year being those of its total (ind_jours_air_degrade), so that the last day gives that very figure.
with membres as (
  select p.niveau, p.code, p.code_commune, c.population
  from {{ ref('int_appartenances') }} as p
  inner join {{ ref('int_communes') }} as c on c.code_commune = p.code_commune and c.population is not null
),

poids as (
  select m.niveau, m.code, a.annee, sum(m.population) as population
  from membres as m
  inner join {{ ref('int_air_jours') }} as a on a.code_commune = m.code_commune and a.jours_observes > 0
  group by m.niveau, m.code, a.annee
),

jours as (
  select m.niveau, m.code, year(i.jour) as annee, i.jour,
    sum(case when i.indice between 4 and 6 then m.population else 0 end) as population_exposee
  from membres as m
  inner join {{ ref('stg_atmo__indices') }} as i
    on i.code_zone = m.code_commune and i.type_zone = 'commune' and i.indice between 1 and 6
  group by m.niveau, m.code, i.jour
)

select
  'jours_air_degrade' as indicateur,
  j.niveau,
  j.code,
  cast(j.annee as integer) as annee,
  j.jour,
  cast(sum(j.population_exposee) over (
    partition by j.niveau, j.code, j.annee order by j.jour) as double) / p.population as cumul
from jours as j
inner join poids as p on p.niveau = j.niveau and p.code = j.code and p.annee = j.annee
order by j.niveau, j.code, j.jour
