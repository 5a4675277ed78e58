-- The curve of each trajectory that can be evaluated, as segments (a1, v1) → (a2, v2). `prolongement`: beyond its last
-- year a target still stands, so the curve goes on flat; a cumulative budget does not (its period is over).
with traj as (
  select * from {{ ref('int_trajectoires') }}
  where manque_calcule = ''
    and forme in ('lineaire', 'geometrique', 'paliers', 'compte_cible', 'budget_cumule', 'seuil', 'rythme')
),

jalons as (
  select trajectoire, forme,
    try_cast(trim(split_part(jalon, ':', 1)) as double) as annee,
    try_cast(trim(split_part(jalon, ':', 2)) as double) as valeur
  from (
    select trajectoire, forme, unnest(string_split(replace(points, ',', '.'), '|')) as jalon
    from traj
    where points is not null and forme not in ('seuil', 'rythme')
  )
),

points as (
  select trajectoire, forme, base_annee as annee, case when forme = 'budget_cumule' then 0.0 else base_valeur end as valeur
  from traj
  where forme not in ('seuil', 'rythme')
  union all
  select trajectoire, forme, cible_annee, cible_valeur from traj where forme not in ('seuil', 'rythme')
  union all
  select j.trajectoire, j.forme, j.annee, j.valeur
  from jalons as j
  inner join traj as t on t.trajectoire = j.trajectoire
  where j.annee > t.base_annee and j.annee < t.cible_annee and j.valeur is not null
),

segments as (
  select trajectoire, forme, annee as a1, valeur as v1,
    lead(annee) over (partition by trajectoire order by annee) as a2,
    lead(valeur) over (partition by trajectoire order by annee) as v2
  from points
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
  where forme in ('seuil', 'rythme')
)

select trajectoire, forme, a1, v1, a2, v2, false as prolongement from segments where a2 is not null
union all
select trajectoire, forme, a1, v1, a2, v2, false from seuils
union all
select trajectoire, forme, a1, v1, 9999.0, v1, true from segments where a2 is null and forme <> 'budget_cumule'
union all
select trajectoire, forme, a2, v2, 9999.0, v2, true from seuils
union all
-- A threshold without a base year judges every year observed, though it is drawn from the year it took effect.
select s.trajectoire, s.forme, 0.0, s.v1, s.a1, s.v1, true
from seuils as s
inner join traj as t on t.trajectoire = s.trajectoire and t.base_annee is null
order by trajectoire, a1, a2
