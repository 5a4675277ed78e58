-- Territorial inventory of 2016: the sum of the sectors, without the two columns that the inventory keeps outside the
-- total (biomass CO2, international transport). Gross emissions: no absorption by sinks is subtracted.
{%- set secteurs = ['agriculture', 'autres_transports', 'dechets', 'energie', 'industrie_hors_energie', 'residentiel',
                    'routier', 'tertiaire'] %}
with secteurs as (
  select code_commune, annee, edition, ventilation, tonnes
  from (
    unpivot (
      select code_commune, annee, edition, {{ secteurs | join(', ') }} from {{ ref('stg_ges__inventaire_communal') }}
    ) on {{ secteurs | join(', ') }} into name ventilation value tonnes
  )
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

regroupe as (
  select p.niveau, p.code, s.annee, s.ventilation,
    {{ somme('s.tonnes') }} as tonnes,
    max(p.attendues) as attendues,
    {{ editions_de('s.edition') }} as editions,
    count(distinct s.code_commune) as communes
  from places as p
  inner join (
    select * from secteurs
    union all
    select * replace ('' as ventilation) from secteurs
  ) as s on s.code_commune = p.code_commune
  group by p.niveau, p.code, s.annee, s.ventilation
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  annee as periode,
  ventilation,
  tonnes / 1000 as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when ventilation = '' and communes < attendues then 'estime' else 'definitif' end as statut,
  'recalcule' as nature,
  case when ventilation = '' and communes < attendues
    then {{ couverture('Somme de', 'communes', 'attendues') }} else '' end as note,
  'Inventaire territorialisé ' || annee as millesime,
  ['ges/inventaire_communal'] as jeux,
  editions
from regroupe
order by territoire_niveau, territoire_code, periode, ventilation
