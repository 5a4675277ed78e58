-- The adopted curve, one row a year, from its first to its last year, with its tolerance in the indicator's unit.
-- A permanent threshold has no last year: it is drawn up to the year of the release.
with bornes as (
  select trajectoire, min(a1) as debut, max(a2) as fin
  from {{ ref('int_trajectoire_segments') }}
  where not prolongement
  group by trajectoire
),

annees as (
  select trajectoire, cast(unnest(generate_series(cast(ceil(debut) as bigint), cast(floor(fin) as bigint))) as double)
    as annee
  from bornes
  union
  select trajectoire, debut from bornes
  union
  select trajectoire, fin from bornes
),

valeurs as (
  select a.trajectoire, a.annee, {{ valeur_attendue('s', 'a.annee') }} as valeur
  from annees as a
  inner join {{ ref('int_trajectoire_segments') }} as s
    on s.trajectoire = a.trajectoire and not s.prolongement and a.annee >= s.a1 and a.annee <= s.a2
  -- A year on a joint belongs to the segment that starts there (a step is reached at its year).
  qualify row_number() over (partition by a.trajectoire, a.annee order by s.a1 desc) = 1
)

select
  v.trajectoire,
  t.indicateur,
  t.territoire_niveau,
  t.territoire_code,
  v.annee,
  round(v.valeur, 6) as valeur,
  round(v.valeur - t.tolerance * t.echelle, 6) as tolerance_basse,
  round(v.valeur + t.tolerance * t.echelle, 6) as tolerance_haute
from valeurs as v
inner join {{ ref('int_trajectoires') }} as t on t.trajectoire = v.trajectoire
order by v.trajectoire, v.annee
