-- The series that a status judges: figures of the same season as the newest one (quarter with quarter), after the last
-- break, each with the trajectory of its own year and its residual (share of the scale, > 0 is worse). `juge` is what is
-- compared: the figure; its gap to the comparison territory for a convergence; what was done since the first year, every
-- year present, for a yearly pace. `mr`: moving range of the residuals (of their yearly steps for cumulative shapes,
-- whose residuals are autocorrelated).
with observations as (
  select i.serie, i.forme, i.base_annee, i.comparateur_niveau, i.comparateur_code, i.indicateur, i.d, i.echelle,
    p.periode, p.annee,
    case when substr(p.periode, 5, 1) = '/' then cast(substr(p.periode, 1, 4) as double) else p.annee end as debut,
    p.ordre, p.valeur, p.statut
  from {{ ref('int_statut_indicateurs') }} as i
  inner join {{ ref('int_statut_points') }} as p on p.serie = i.serie
  where {{ season('p.periode') }} = i.saison and (i.rupture is null or p.annee >= i.rupture)
),

-- Rounded as the gap of the base year is (int_trajectoires): 4.4 − 4.1 and 2.2 − 1.9 are one gap, not a step back.
ecarts as (
  select o.serie, o.ordre, round(o.valeur - c.valeur, 6) as juge
  from observations as o
  inner join {{ ref('fct_observation') }} as c
    on c.indicateur = o.indicateur and c.territoire_niveau = o.comparateur_niveau
    and c.territoire_code = o.comparateur_code and c.periode = o.periode and c.ventilation = '' and c.valeur is not null
  where o.forme = 'convergence'
),

cumuls as (
  select serie, ordre,
    case when annee = base_annee - 1 + count(*) over depuis then round(sum(valeur) over depuis, 6) end as juge
  from observations
  where forme = 'rythme' and annee >= base_annee
  window depuis as (partition by serie order by ordre)
),

transformes as (
  select * from ecarts
  union all
  select * from cumuls
),

courbes as (
  -- `fin` is beyond the segment: a join on two comparisons stays a hash join, one with an `or` does not.
  select i.serie, s.forme, s.a1, s.v1, s.a2, s.v2, case when s.ferme then s.a2 + 1e-9 else s.a2 end as fin
  from {{ ref('int_statut_indicateurs') }} as i
  inner join {{ ref('int_trajectoire_segments') }} as s on s.trajectoire = i.trajectoire
),

juges as (
  select o.serie, o.periode, o.annee, o.debut, o.ordre, o.valeur, o.statut, o.d, o.echelle,
    o.forme in {{ formes_cumulees() }} as cumule,
    case when o.forme in ('convergence', 'rythme') then t.juge else o.valeur end as juge
  from observations as o
  left join transformes as t on t.serie = o.serie and t.ordre = o.ordre
),

attendus as (
  select j.*, {{ valeur_attendue('c', 'j.annee') }} as attendu
  from juges as j
  left join courbes as c
    on c.serie = j.serie and j.annee >= c.a1 and j.annee < c.fin
),

residus as (
  select serie, periode, annee, debut, ordre, valeur, statut, juge, attendu, cumule, d,
    -d * (juge - attendu) / echelle as residu
  from attendus
)

select serie, periode, annee, debut, ordre, valeur, statut, juge, attendu, residu,
  cast(row_number() over recents as integer) as rang,
  cast(case when residu is not null then count(residu) over recents end as integer) as rang_compare,
  cast(case when residu is not null and statut = 'definitif'
    then count(case when residu is not null and statut = 'definitif' then 1 end) over recents end as integer)
    as rang_final,
  case
    when residu is null then null
    when cumule
      then abs(residu - 2 * lead(residu ignore nulls) over recents
        + coalesce(lead(residu, 2 ignore nulls) over recents, 0))
    else abs(residu - lead(residu ignore nulls) over recents)
  end as mr,
  -- Two gaps equal to the last written decimal may differ in the last bit: that is no move.
  d * (juge - lead(juge) over recents) < -1e-9 as recul
from residus
window recents as (partition by serie order by ordre desc)
