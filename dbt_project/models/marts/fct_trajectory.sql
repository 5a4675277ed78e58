-- The adopted curve, one row a year, from its first to its last year, with its tolerance in the indicator's unit.
-- A permanent threshold has no last year: it is drawn up to the year of the release. A yearly pace is drawn as the figure
-- due each year, and a convergence as the level that its gap asks for, in the years when the comparison territory is known:
-- a reader lays the curve over the figures.
with bornes as (
  select trajectoire, min(a1) as debut, max(a2) as fin
  from {{ ref('int_trajectoire_segments') }}
  where not prolongement and forme not in ('rythme', 'convergence')
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
),

rythmes as (
  select t.trajectoire, cast(unnest(generate_series(
      cast(t.base_annee as bigint),
      cast(coalesce(t.cible_annee, greatest(year(cast('{{ var("nuit") }}' as date)), t.base_annee)) as bigint))) as double)
      as annee,
    t.cible_valeur as valeur
  from {{ ref('int_trajectoires') }} as t
  where t.forme = 'rythme' and t.manque_calcule = ''
),

convergences as (
  select t.trajectoire, o.annee, o.valeur + {{ valeur_attendue('s', 'o.annee') }} as valeur
  from {{ ref('int_trajectoires') }} as t
  inner join {{ ref('int_trajectoire_segments') }} as s on s.trajectoire = t.trajectoire
  inner join {{ ref('fct_observation') }} as o
    on o.indicateur = t.indicateur and o.territoire_niveau = t.comparateur_niveau
    and o.territoire_code = t.comparateur_code and o.ventilation = '' and o.valeur is not null
    and o.annee >= s.a1 and o.annee < s.a2
  where t.forme = 'convergence'
  -- A comparison known by the quarter is drawn at the start of each year.
  qualify row_number() over (partition by t.trajectoire, o.annee order by o.periode) = 1
),

courbes as (
  select * from valeurs
  union all
  select * from rythmes
  union all
  select * from convergences
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
from courbes as v
inner join {{ ref('int_trajectoires') }} as t on t.trajectoire = v.trajectoire
order by v.trajectoire, v.annee
