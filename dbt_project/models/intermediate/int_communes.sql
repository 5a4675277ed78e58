-- Communes of the territory and of its neighbours, with their place in the observatory and their newest legal
-- (municipal) population. One year for all: populations of different years are never compared or weighted together.
with populations as (
  select code, periode, cast(valeur as bigint) as population, edition
  from {{ ref('stg_insee__populations') }}
  where niveau = 'commune' and mesure = 'PMUN' and statut = 'definitif'
    and periode = (
      select max(periode) from {{ ref('stg_insee__populations') }}
      where niveau = 'commune' and mesure = 'PMUN' and statut = 'definitif'
    )
)

select
  c.code_commune,
  c.nom,
  c.code_epci,
  case when c.code_epci = '{{ var("epci") }}' then 'membre' else 'membre_voisin' end as role,
  c.surface_ha,
  c.longitude,
  c.latitude,
  p.population,
  p.periode as population_periode,
  c.edition,
  p.edition as population_edition
from {{ ref('stg_geo__communes') }} as c
left join populations as p on p.code = c.code_commune
order by c.code_commune
