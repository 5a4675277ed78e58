-- Inhabitants of squares with a space of nature of 1 ha or more, open to the public, within 1 km as the crow flies.
with places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

base as (select strftime(max(nuit), '%Y-%m-%d') as jour from {{ ref('stg_osm__espaces_nature') }}),

comptes as (
  select p.niveau, p.code,
    {{ somme('c.habitants') }} as habitants,
    {{ somme("case when list_contains(c.familles, 'nature') then c.habitants else 0 end") }} as servis,
    any_value(c.editions_nature) as editions,
    max(c.annee) as carreaux
  from places as p
  inner join {{ ref('int_carreaux_acces') }} as c on c.code_commune = p.code_commune
  group by p.niveau, p.code
)

select
  c.niveau as territoire_niveau,
  c.code as territoire_code,
  b.jour as periode,
  '' as ventilation,
  100 * c.servis / c.habitants as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  'definitif' as statut,
  'recalcule' as nature,
  '' as note,
  'OpenStreetMap, reçu le ' || b.jour || ', carreaux ' || c.carreaux as millesime,
  ['insee/carreaux', 'osm/espaces_nature'] as jeux,
  c.editions
from comptes as c
cross join base as b
where b.jour is not null and c.habitants > 0
order by territoire_niveau, territoire_code
