-- Every territory with a page or used as a comparison. EPCI and bassins: population and area are sums of their
-- communes; their centre is the mean of the communes' centres weighted by area.
with sommes as (
  select a.niveau, a.code,
    case when count(c.population) = max(a.attendues) then cast(sum(c.population) as bigint) end as population,
    max(c.population_periode) as population_periode,
    {{ somme('c.surface_ha') }} as surface_ha,
    round({{ somme('c.longitude * c.surface_ha') }} / nullif({{ somme('c.surface_ha') }}, 0), 5) as longitude,
    round({{ somme('c.latitude * c.surface_ha') }} / nullif({{ somme('c.surface_ha') }}, 0), 5) as latitude
  from {{ ref('int_appartenances') }} as a
  inner join {{ ref('int_communes') }} as c on c.code_commune = a.code_commune
  group by a.niveau, a.code
),

publiees as (
  select niveau, code, cast(valeur as bigint) as population, periode as population_periode
  from {{ ref('int_populations') }}
  where nature = 'publie' and niveau <> 'commune' and statut = 'definitif'
  qualify row_number() over (partition by niveau, code order by periode desc) = 1
)

select
  t.niveau,
  t.code,
  t.nom,
  t.role,
  coalesce(c.code_epci, case when t.niveau = 'epci' then t.code end, '') as epci,
  coalesce(c.population, s.population, p.population) as population,
  coalesce(
    case when c.population is not null then c.population_periode end,
    case when s.population is not null then s.population_periode end,
    p.population_periode,
    ''
  ) as population_periode,
  coalesce(c.surface_ha, s.surface_ha) as surface_ha,
  coalesce(c.longitude, s.longitude) as longitude,
  coalesce(c.latitude, s.latitude) as latitude,
  g.contour,
  cast(t.ordre as bigint) as ordre
from {{ ref('int_territoires') }} as t
left join {{ ref('int_communes') }} as c on t.niveau = 'commune' and c.code_commune = t.code
left join {{ ref('stg_geo__contours') }} as g on t.niveau = 'commune' and g.code_commune = t.code
left join sommes as s on s.niveau = t.niveau and s.code = t.code
left join publiees as p on p.niveau = t.niveau and p.code = t.code
order by t.ordre, t.niveau, t.code
