-- Vacant dwellings among all dwellings (census). A ratio of counts: recomputed above the commune from the counts.
with comptes as (
  select code_commune, annee, edition,
    max(valeur) filter (where mesure = 'LOGVAC') as vacants,
    max(valeur) filter (where mesure = 'LOG') as logements,
    bool_or(statut = 'secret') as secret
  from {{ ref('stg_insee__comparateur') }}
  where mesure in ('LOG', 'LOGVAC')
  group by code_commune, annee, edition
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

regroupe as (
  select p.niveau, p.code, c.annee,
    {{ somme('case when c.logements is not null and c.vacants is not null then c.vacants end') }} as vacants,
    {{ somme('case when c.logements is not null and c.vacants is not null then c.logements end') }} as logements,
    bool_or(c.secret) as secret,
    count(*) filter (where c.logements is not null and c.vacants is not null) as communes,
    max(p.attendues) as attendues,
    {{ editions_de('c.edition') }} as editions
  from places as p
  inner join comptes as c on c.code_commune = p.code_commune
  group by p.niveau, p.code, c.annee
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  '' as ventilation,
  100 * vacants / nullif(logements, 0) as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case
    when 100 * vacants / nullif(logements, 0) is null then case when secret then 'secret' else 'manquant' end
    when communes < attendues then 'estime'
    else 'definitif'
  end as statut,
  'recalcule' as nature,
  case when communes < attendues and communes > 0
    then {{ couverture('Sur', 'communes', 'attendues') }} else '' end as note,
  'Recensement ' || annee || ' (comparateur de territoires)' as millesime,
  ['insee/comparateur'] as jeux,
  editions
from regroupe
order by territoire_niveau, territoire_code, periode
