-- Published by commune. Above: the mean weighted by the standardised population, as DREES asks; by the total
-- population, said in the note, when the standardised one is not known for every commune. The other professions are
-- details in a unit of their own, not parts of the total.
with communes as (
  select a.*
  from {{ ref('stg_drees__apl_generalistes') }} as a
  inner join {{ ref('int_communes') }} as c on c.code_commune = a.code_commune
),

regroupe as (
  select p.niveau, p.code, a.annee,
    count(*) = count(a.population_standardisee) filter (where a.population_standardisee > 0) as standardisee,
    {{ somme('a.apl * a.population_standardisee') }} / nullif({{ somme('a.population_standardisee') }}, 0) as apl_standardisee,
    {{ somme('a.apl * a.population_totale') }}
      / nullif({{ somme('case when a.population_totale is not null then a.population_totale end') }}, 0) as apl_totale,
    count(*) as communes,
    max(p.attendues) as attendues,
    {{ editions_de('a.edition') }} as editions
  from {{ ref('int_appartenances') }} as p
  inner join communes as a on a.code_commune = p.code_commune and a.apl is not null
  group by p.niveau, p.code, a.annee
),

tout as (
  select 'commune' as niveau, code_commune as code, annee, apl as valeur, 'publie' as nature,
    case when apl is null then 'manquant' else 'definitif' end as statut, '' as note, [edition] as editions
  from communes
  union all
  select niveau, code, annee,
    case when standardisee then apl_standardisee else apl_totale end,
    'recalcule',
    case
      when case when standardisee then apl_standardisee else apl_totale end is null then 'manquant'
      when communes < attendues or not standardisee then 'estime'
      else 'definitif'
    end,
    concat_ws(' ',
      case when standardisee
        then 'Moyenne des communes pondérée par la population standardisée.'
        else 'Moyenne des communes pondérée par la population totale, faute de population standardisée.' end,
      case when communes < attendues then {{ couverture('Sur', 'communes', 'attendues') }} end),
    editions
  from regroupe
),

professions as (
  select a.*
  from {{ ref('stg_drees__apl_professions') }} as a
  inner join {{ ref('int_communes') }} as c on c.code_commune = a.code_commune
),

autres as (
  select 'commune' as niveau, code_commune as code, annee, profession, apl as valeur, 'publie' as nature,
    case when apl is null then 'manquant' else 'definitif' end as statut, '' as note, [edition] as editions
  from professions
  union all
  select p.niveau, p.code, a.annee, a.profession,
    {{ somme('a.apl * a.population_standardisee') }} / {{ somme('a.population_standardisee') }},
    'recalcule',
    case when count(*) < max(p.attendues) then 'estime' else 'definitif' end,
    concat_ws(' ', 'Moyenne des communes pondérée par la population standardisée.',
      case when count(*) < max(p.attendues) then {{ couverture('Sur', 'count(*)', 'max(p.attendues)') }} end),
    {{ editions_de('a.edition') }}
  from {{ ref('int_appartenances') }} as p
  inner join professions as a
    on a.code_commune = p.code_commune and a.apl is not null and a.population_standardisee > 0
  group by p.niveau, p.code, a.annee, a.profession
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  '' as ventilation,
  valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  statut,
  nature,
  note,
  'APL ' || annee as millesime,
  ['drees/apl_generalistes'] as jeux,
  editions
from tout
union all
select niveau, code, cast(annee as varchar), profession, valeur, cast(null as double), cast(null as double), statut,
  nature, note, 'APL ' || annee, ['drees/apl_professions'], editions
from autres
order by territoire_niveau, territoire_code, periode, ventilation
