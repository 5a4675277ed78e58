-- Vacant dwellings among all dwellings (census). A ratio of counts: recomputed above the commune from the counts.
-- Two files of one census: the table of dwellings, and the comparateur for a vintage that the table does not have. A
-- vintage N gathers the surveys of N-2 to N+2: one of the comparateur that shares a year with the table's is left out.
with table_logements as (
  select niveau, code, annee,
    max(valeur) filter (where categorie = 'DW_VAC') as vacants,
    max(valeur) filter (where categorie = '_T') as logements,
    bool_or(statut = 'secret') as secret,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_insee__rp_logements') }}
  where niveau is not null
  group by niveau, code, annee
),

comparateur as (
  select 'commune' as niveau, code_commune as code, annee,
    max(valeur) filter (where mesure = 'LOGVAC') as vacants,
    max(valeur) filter (where mesure = 'LOG') as logements,
    bool_or(statut = 'secret') as secret,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_insee__comparateur') }}
  where mesure in ('LOG', 'LOGVAC')
  group by code_commune, annee
),

comptes as (
  select *, 'insee/rp_logements' as jeu from table_logements
  union all
  select *, 'insee/comparateur' from comparateur as c
  where not exists (
    select 1 from table_logements as t
    where t.niveau = 'commune' and t.code = c.code and abs(t.annee - c.annee) < 5
  )
),

territoires as (
  {{ comptes_par_territoire('comptes', ['annee', 'jeu'], ['vacants', 'logements']) }}
)

select
  t.niveau as territoire_niveau,
  t.code as territoire_code,
  cast(t.annee as varchar) as periode,
  '' as ventilation,
  100 * t.vacants / nullif(t.logements, 0) as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  {{ statut_part('100 * t.vacants / nullif(t.logements, 0)', 'coalesce(c.secret, false)', 't.communes',
      't.attendues') }} as statut,
  'recalcule' as nature,
  case when t.communes < t.attendues then {{ couverture('Sur', 't.communes', 't.attendues') }} else '' end as note,
  'Recensement ' || t.annee || case t.jeu when 'insee/comparateur' then ' (comparateur de territoires)' else '' end
    as millesime,
  [t.jeu] as jeux,
  t.editions
from territoires as t
left join comptes as c on c.niveau = t.niveau and c.code = t.code and c.annee = t.annee and c.jeu = t.jeu
order by territoire_niveau, territoire_code, periode
