-- Private dwellings vacant for more than two years among private dwellings. From the open counts where they exist (a
-- ratio of two counts, same year; the newest year takes the total of the year before and is provisional), else from the
-- published shares of 2021, which the EPCI can only weight by the dwellings of 2022. The region is the sum of all its
-- départements (the file has them all or is refused), never of some. Bounds: Wilson at 95 %.
with annees_de_parc as (
  select niveau, code, max(annee) filter (where logements is not null) as derniere
  from {{ ref('stg_lovac__parc_prive') }}
  group by niveau, code
),

comptes as (
  select c.niveau, c.code, c.annee, c.vacants_2ans, coalesce(c.logements, avant.logements) as logements,
    c.logements is null as provisoire, c.secret, c.edition
  from {{ ref('stg_lovac__parc_prive') }} as c
  left join annees_de_parc as a on a.niveau = c.niveau and a.code = c.code
  left join {{ ref('stg_lovac__parc_prive') }} as avant
    on avant.niveau = c.niveau and avant.code = c.code and avant.annee = a.derniere and c.annee = a.derniere + 1
  where coalesce(c.logements, avant.logements) is not null or c.secret
),

-- The region and our département; the others serve to make it.
comptes_utiles as (
  select niveau, code, annee, vacants_2ans, logements, provisoire, secret, edition
  from comptes
  where niveau <> 'departement' or code = '{{ var("departement") }}'
  union all
  select 'region', '{{ var("region") }}', annee, sum(vacants_2ans), sum(logements), bool_or(provisoire), false,
    max(edition)
  from comptes
  where niveau = 'departement'
  group by annee
  having count(vacants_2ans) > 1 and count(vacants_2ans) = (
    select count(distinct code) from {{ ref('stg_lovac__parc_prive') }} where niveau = 'departement'
  )
),

parts as (
  select 'commune' as niveau, c.code_commune as code, 2021 as annee,
    p.part * p.logements / 100 as vacants_2ans, p.logements, p.part,
    coalesce(p.statut, 'manquant') as statut,
    e.editions
  from {{ ref('int_communes') }} as c
  cross join (select {{ editions_de('edition') }} as editions from {{ ref('stg_lovac__parts_communes') }}) as e
  left join {{ ref('stg_lovac__parts_communes') }} as p on p.code_commune = c.code_commune
  where len(e.editions) > 0
    and not exists (
      select 1 from comptes as k where k.niveau = 'commune' and k.code = c.code_commune and k.annee = 2021
    )
),

communes as (
  select niveau, code, annee, vacants_2ans, logements, 100 * vacants_2ans / logements as part,
    case
      when secret or vacants_2ans is null then case when secret then 'secret' else 'manquant' end
      when provisoire then 'provisoire'
      else 'definitif'
    end as statut,
    'recalcule' as nature,
    ['lovac/parc_prive'] as jeux,
    [edition] as editions
  from comptes_utiles
  union all
  select niveau, code, annee, vacants_2ans, logements, part, statut, 'publie', ['lovac/parts_communes'], editions
  from parts
),

regroupe as (
  select a.niveau, a.code, c.annee,
    {{ somme('c.vacants_2ans') }} as vacants_2ans,
    {{ somme('c.logements') }} as logements,
    count(*) as communes,
    max(a.attendues) as attendues,
    bool_or(c.statut = 'provisoire') as provisoire,
    bool_or(c.nature = 'publie') as ponderee,
    list_sort(list_distinct(flatten(list(c.jeux)))) as jeux,
    list_sort(list_distinct(flatten(list(c.editions)))) as editions
  from {{ ref('int_appartenances') }} as a
  inner join communes as c
    on c.niveau = 'commune' and c.code = a.code_commune and c.statut in ('definitif', 'provisoire')
  group by a.niveau, a.code, c.annee
),

tout as (
  select niveau, code, annee, vacants_2ans, logements, part, statut, nature,
    case
      when statut = 'provisoire' then 'Parc total de l’année précédente : celui de l’année n’est pas encore publié.'
      when statut = 'manquant' and nature = 'publie' then 'Commune absente du fichier publié.'
      when statut = 'secret' then 'Moins de 11 logements : secret.'
      else ''
    end as note,
    jeux, editions
  from communes
  union all
  select niveau, code, annee, vacants_2ans, logements, 100 * vacants_2ans / logements,
    case
      when ponderee or communes < attendues then 'estime'
      when provisoire then 'provisoire'
      else 'definitif'
    end,
    'recalcule',
    concat_ws(' ',
      case when ponderee then 'Moyenne des parts publiées, pondérée par le parc privé de 2022.' end,
      case when communes < attendues then {{ couverture('Part connue pour', 'communes', 'attendues') }} end
    ),
    jeux, editions
  from regroupe
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  '' as ventilation,
  case when statut not in ('secret', 'manquant') then part end as valeur,
  case when statut not in ('secret', 'manquant') then {{ wilson('vacants_2ans', 'logements', '-') }} end as borne_basse,
  case when statut not in ('secret', 'manquant') then {{ wilson('vacants_2ans', 'logements', '+') }} end as borne_haute,
  statut,
  nature,
  note,
  'LOVAC, 1er janvier ' || annee as millesime,
  jeux,
  editions
from tout
order by territoire_niveau, territoire_code, periode
