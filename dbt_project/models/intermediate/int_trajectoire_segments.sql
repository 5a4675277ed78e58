-- The curve of each trajectory that can be evaluated, as segments (a1, v1) → (a2, v2), each without its last year but the
-- last one (`ferme`). `prolongement`: beyond its last year a target still stands, so the curve goes on flat, and a yearly
-- pace goes on; a cumulative ceiling does not (its period is over). A convergence is a curve of gaps, a yearly pace one of
-- totals since its first year. A convergence without a date has no curve: its direction is watched.
with traj as (
  select * from {{ ref('int_trajectoires') }}
  where manque_calcule = '' and forme in {{ formes_tracees() }}
    and not (forme = 'convergence' and cible_annee is null)
),

-- Most curves are one straight line: only those with points in between need to be put in order.
droites as (
  select trajectoire, forme, base_annee as a1, case when forme = 'budget_cumule' then 0.0 else base_valeur end as v1,
    cible_annee as a2, cible_valeur as v2
  from traj
  where forme not in ('seuil', 'rythme', 'division') and points is null
),

jalons as (
  select trajectoire, forme, base_annee, base_valeur, cible_annee,
    try_cast(trim(split_part(jalon, ':', 1)) as double) as annee,
    try_cast(trim(split_part(jalon, ':', 2)) as double) as valeur
  from (
    select trajectoire, forme, base_annee, base_valeur, cible_annee,
      unnest(string_split(replace(points, ',', '.'), '|')) as jalon
    from traj
    where points is not null and forme not in ('seuil', 'rythme')
  )
),

plafonds as (
  select trajectoire, forme, annee,
    sum(base_valeur / valeur * (annee - annee_avant)) over (partition by trajectoire order by annee) as valeur
  from (
    select *, coalesce(lag(annee) over (partition by trajectoire order by annee), base_annee) as annee_avant
    from jalons
    where forme = 'division'
  )
),

sommets as (
  select trajectoire, forme, base_annee as annee,
    case when forme in ('budget_cumule', 'division') then 0.0 else base_valeur end as valeur
  from traj
  where points is not null and forme not in ('seuil', 'rythme')
  union all
  select trajectoire, forme, cible_annee, cible_valeur
  from traj
  where points is not null and forme not in ('seuil', 'rythme', 'division')
  union all
  select trajectoire, forme, annee, valeur
  from jalons
  where forme <> 'division' and annee > base_annee and annee < cible_annee and valeur is not null
  union all
  select trajectoire, forme, annee, valeur from plafonds
),

brises as (
  select trajectoire, forme, annee as a1, valeur as v1,
    lead(annee) over (partition by trajectoire order by annee) as a2,
    lead(valeur) over (partition by trajectoire order by annee) as v2
  from sommets
),

courbes as (
  select trajectoire, forme, a1, v1, a2, v2 from droites
  union all
  select trajectoire, forme, a1, v1, a2, v2 from brises where a2 is not null
),

fins as (
  select trajectoire, max(forme) as forme, max(a2) as a2, max_by(v2, a2) as v2 from courbes group by trajectoire
),

seuils as (
  select trajectoire, forme,
    coalesce(base_annee, cast(year(valide_du) as double), cast(year(cast('{{ var("nuit") }}' as date)) as double)) as a1,
    cible_valeur as v1,
    greatest(
      coalesce(cible_annee, cast(year(cast('{{ var("nuit") }}' as date)) as double)),
      coalesce(base_annee, cast(year(valide_du) as double), cast(year(cast('{{ var("nuit") }}' as date)) as double))
    ) as a2,
    cible_valeur as v2
  from traj
  where forme = 'seuil'
),

rythmes as (
  select trajectoire, forme, cible_annee, cible_valeur as rythme, base_annee - 1 as a1,
    coalesce(cible_annee, greatest(cast(year(cast('{{ var("nuit") }}' as date)) as double), base_annee)) as a2
  from traj
  where forme = 'rythme'
)

select c.trajectoire, c.forme, c.a1, c.v1, c.a2, c.v2, false as prolongement,
  c.forme in ('budget_cumule', 'division') and c.a2 = f.a2 as ferme
from courbes as c
inner join fins as f on f.trajectoire = c.trajectoire
union all
select trajectoire, forme, a2, v2, 9999.0, v2, true, false from fins where forme not in ('budget_cumule', 'division')
union all
select trajectoire, forme, a1, v1, a2, v2, false, false from seuils
union all
select trajectoire, forme, a2, v2, 9999.0, v2, true, false from seuils
union all
-- A threshold without a base year judges every year observed, though it is drawn from the year it took effect.
select s.trajectoire, s.forme, 0.0, s.v1, s.a1, s.v1, true, false
from seuils as s
inner join traj as t on t.trajectoire = s.trajectoire and t.base_annee is null
union all
select trajectoire, forme, a1, 0.0, a2, rythme * (a2 - a1), false, cible_annee is not null from rythmes
union all
select trajectoire, forme, a2, rythme * (a2 - a1), 9999.0, rythme * (9999.0 - a1), true, false
from rythmes
where cible_annee is null
order by trajectoire, a1, a2
