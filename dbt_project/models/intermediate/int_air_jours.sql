-- Daily air indices of communes, by civil year: days observed and days whose index is poor or worse.
-- Codes 0 (absent), 7 (event) and 8 (not computed) say nothing of the air that day: they are not days observed.
select
  code_zone as code_commune,
  cast(year(jour) as bigint) as annee,
  cast(count(*) filter (where indice between 1 and 6) as bigint) as jours_observes,
  cast(count(*) filter (where indice between 4 and 6) as bigint) as jours_degrades,
  max(jour) as dernier_jour,
  {{ editions_de('edition') }} as editions
from {{ ref('stg_atmo__indices') }}
where type_zone = 'commune'
group by code_zone, year(jour)
order by code_commune, annee
