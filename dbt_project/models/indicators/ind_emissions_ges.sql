-- Two inventories that are never joined. Communes and EPCI in 2016: the sum of the sectors of the national inventory,
-- without the two columns that it keeps outside the total (biomass CO2, international transport). Regions, and EPCI
-- once their layer is confirmed: the sectors of the AASQA, whose year is not published (the period is the day of the
-- last change). Gross emissions everywhere: absorption stands apart, in `stockage`, as long as no source gives it.
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
),

aasqa as (
  select niveau, code, secteur as ventilation, ges_tonnes as tonnes, mise_a_jour, edition,
    'atmo/emissions_regions' as jeu
  from {{ ref('stg_atmo__emissions_regions') }}
  union all
  select niveau, code, secteur, ges_tonnes, mise_a_jour, edition, 'atmo/emissions_epci'
  from {{ ref('stg_atmo__emissions_epci') }}
),

inventaires as (
  select niveau, code, ventilation, tonnes, mise_a_jour, 'publie' as nature, jeu, [edition] as editions from aasqa
  union all
  select niveau, code, '', case when count(tonnes) = count(*) then {{ somme('tonnes') }} end, max(mise_a_jour),
    'recalcule', jeu, {{ editions_de('edition') }}
  from aasqa
  group by niveau, code, jeu
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
union all
select
  niveau, code, annee, 'stockage', null, null, null, 'manquant', 'recalcule',
  'L’absorption par les sols et les forêts n’est reçue d’aucune source : elle n’est pas déduite du total.',
  'Inventaire territorialisé ' || annee,
  ['ges/inventaire_communal'],
  editions
from regroupe
where niveau = 'epci' and ventilation = ''
union all
select
  niveau, code, strftime(mise_a_jour, '%Y-%m-%d'), ventilation, tonnes / 1000, null, null,
  case when tonnes is null then 'manquant' else 'definitif' end,
  nature,
  concat_ws(' ',
    'Inventaire des AASQA mis à jour le ' || {{ date_fr('mise_a_jour') }}
      || ' ; l’année des émissions n’est pas écrite par la source.',
    case when ventilation = '' then 'Total des cinq secteurs.' end),
  'Inventaire AASQA, mise à jour du ' || strftime(mise_a_jour, '%Y-%m-%d'),
  [jeu],
  editions
from inventaires
order by territoire_niveau, territoire_code, periode, ventilation
