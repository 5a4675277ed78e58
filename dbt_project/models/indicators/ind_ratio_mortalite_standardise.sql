-- depends_on: {{ ref('int_appartenances') }} (its EPCI figures are sums over the members of today)
-- Observed over expected deaths, 100 for France. Under 30 deaths a commune's ratio is mostly chance: the communes of
-- its EPCI that are in that case are counted together, and each shows the ratio of the group.
with communes as (
  select m.*, c.code_epci, m.observes < 30 as petite
  from {{ ref('int_mortalite') }} as m
  inner join {{ ref('int_communes') }} as c on c.code_commune = m.code
  where m.niveau = 'commune'
),

groupes as (
  select code_epci, periode, count(*) as membres,
    sum(observes) as observes, {{ somme('attendus') }} as attendus, max(recensement) as recensement,
    list_sort(list_distinct(flatten(list(editions)))) as editions
  from communes
  where petite
  group by code_epci, periode
),

tout as (
  select niveau, code, periode, observes, attendus, recensement,
    case when communes < attendues then 'estime' else 'definitif' end as statut,
    case when communes < attendues then {{ couverture('Sur', 'communes', 'attendues') }} else '' end as note,
    editions
  from {{ ref('int_mortalite') }}
  where niveau <> 'commune'
  union all
  select 'commune', code, periode, observes, attendus, recensement, 'definitif', '', editions
  from communes
  where not petite
  union all
  select 'commune', c.code, c.periode, g.observes, g.attendus, g.recensement, 'estime',
    'Moins de 30 décès en trois ans : '
      || case when g.membres > 1
        then 'rapport commun aux ' || g.membres || ' communes de l’agglomération dans ce cas.'
        else 'à lire avec prudence.' end,
    g.editions
  from communes as c
  inner join groupes as g on g.code_epci = c.code_epci and g.periode = c.periode
  where c.petite
),

-- France is the base: 100, by construction, for every period that has its rates; of the same vintage as the ratios
-- set beside it, since it is one computation and not another publication.
france as (
  select m.periode, max(m.recensement) as recensement, any_value(r.editions) as editions
  from {{ ref('int_mortalite') }} as m
  cross join (
    select {{ editions_de('edition') }} as editions from {{ ref('stg_referentiel__taux_mortalite') }}
  ) as r
  group by m.periode
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  periode,
  '' as ventilation,
  100 * observes / attendus as valeur,
  100 * {{ poisson('observes', '-') }} / attendus as borne_basse,
  100 * {{ poisson('observes', '+') }} / attendus as borne_haute,
  statut,
  'recalcule' as nature,
  note,
  'Décès ' || replace(periode, '/', ' à ') || ', recensement ' || recensement as millesime,
  ['insee/deces', 'insee/rp_ages', 'referentiel/taux_mortalite'] as jeux,
  editions
from tout
where attendus > 0
union all
select 'france', 'F', periode, '', 100.0, cast(null as double), cast(null as double), 'definitif', 'recalcule',
  'Base de l’indice : 100 par construction.', 'Décès ' || replace(periode, '/', ' à ') || ', recensement ' || recensement,
  ['referentiel/taux_mortalite'], editions
from france
order by territoire_niveau, territoire_code, periode
