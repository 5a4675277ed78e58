-- Where a year in progress stands, against the same date of its trajectory year and of past years: one row an indicator
-- counted day by day and a territory, while its newest year is unfinished. Past years are whole ones after the last break
-- of the series; what they had reached by the same day and month is the seasonal spread. The trajectory gives a total for
-- the year: the share of it due at this date is the median share that past years had reached by then.
with ruptures as (
  select indicateur, max({{ decimal_year('periode') }}) as rupture from {{ ref('dim_rupture') }} group by indicateur
),

cumuls as (
  select c.*, strftime(c.jour, '%m-%d') as quantieme
  from {{ ref('int_cumuls_jour') }} as c
  left join ruptures as r on r.indicateur = c.indicateur
  where r.rupture is null or c.annee >= r.rupture
),

courants as (
  select indicateur, niveau, code, max(annee) as annee, max(jour) as au, arg_max(quantieme, jour) as quantieme,
    arg_max(cumul, jour) as valeur
  from cumuls
  group by indicateur, niveau, code
  having max(jour) < make_date(max(annee), 12, 31) and year(cast('{{ var("nuit") }}' as date)) <= max(annee)
),

-- A past year counts when its last day is known and no more than one day in twenty is missing, as for its total.
entieres as (
  select indicateur, niveau, code, annee, arg_max(cumul, jour) as total
  from cumuls
  group by indicateur, niveau, code, annee
  having max(quantieme) = '12-31' and count(*) >= 0.95 * 365
),

passees as (
  select c.indicateur, c.niveau, c.code, e.annee, e.total,
    -- By the same date, a year had what its last day observed until then had reached.
    coalesce(arg_max(p.cumul, p.jour) filter (where p.quantieme <= c.quantieme), 0.0) as cumul
  from courants as c
  inner join entieres as e
    on e.indicateur = c.indicateur and e.niveau = c.niveau and e.code = c.code and e.annee < c.annee
  inner join cumuls as p
    on p.indicateur = e.indicateur and p.niveau = e.niveau and p.code = e.code and p.annee = e.annee
  group by c.indicateur, c.niveau, c.code, e.annee, e.total
),

saisons as (
  select indicateur, niveau, code, count(*) as annees, min(annee) as premiere, max(annee) as derniere,
    min(cumul) as bas, median(cumul) as mediane, max(cumul) as haut, median(cumul / nullif(total, 0)) as part
  from passees
  group by indicateur, niveau, code
),

attendus as (
  select i.indicateur, i.territoire_niveau as niveau, i.territoire_code as code, c.annee,
    {{ valeur_attendue('s', 'c.annee') }} as attendu
  from {{ ref('int_statut_indicateurs') }} as i
  inner join courants as c
    on c.indicateur = i.indicateur and c.niveau = i.territoire_niveau and c.code = i.territoire_code
  inner join {{ ref('int_trajectoire_segments') }} as s
    on s.trajectoire = i.trajectoire and c.annee >= s.a1 and c.annee < s.a2
)

select
  c.indicateur,
  c.niveau as territoire_niveau,
  c.code as territoire_code,
  cast(c.annee as bigint) as annee,
  c.au,
  round(c.valeur, 6) as valeur,
  cast(coalesce(s.annees, 0) as bigint) as annees,
  cast(s.premiere as bigint) as premiere_annee,
  cast(s.derniere as bigint) as derniere_annee,
  round(s.bas, 6) as bas,
  round(s.mediane, 6) as mediane,
  round(s.haut, 6) as haut,
  round(s.part, 6) as part_du_total,
  round(a.attendu * s.part, 6) as attendu,
  case
    -- Two years are two points, not a season.
    when coalesce(s.annees, 0) < 3 then 'indetermine'
    when c.valeur > s.haut then 'au_dessus'
    when c.valeur < s.bas then 'au_dessous'
    else 'dans'
  end as position
from courants as c
left join saisons as s on s.indicateur = c.indicateur and s.niveau = c.niveau and s.code = c.code
left join attendus as a
  on a.indicateur = c.indicateur and a.niveau = c.niveau and a.code = c.code and a.annee = c.annee
order by c.indicateur, c.niveau, c.code
