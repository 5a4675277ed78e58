-- Time distance to the trajectory (Sicherl, §8): the year at which the observed level was due, and how many years late
-- that makes (> 0 late). Bounded when the level is worse than the start (`plus_de`) or beyond the end (`au_moins`). For
-- a ceiling that rises (a budget) a level reached too early is late. Steps, thresholds and curves that turn have none;
-- a convergence is read on its gap, a yearly pace on its total.
with courbes as (
  select trajectoire,
    min_by(v1, a1) as v_debut, min(a1) as a_debut,
    max_by(v2, a2) as v_fin, max(a2) as a_fin,
    max(forme) as forme,
    bool_or(v2 > v1) as monte,
    bool_or(v2 < v1) as descend
  from {{ ref('int_trajectoire_segments') }}
  where not prolongement
  group by trajectoire
),

cas as (
  select i.serie, i.indicateur, i.trajectoire, i.d, j.n_annee as t, j.n_juge as y,
    c.v_debut, c.a_debut, c.v_fin, c.a_fin,
    case when c.v_fin > c.v_debut then 1 else -1 end as sens_courbe
  from {{ ref('int_statut_indicateurs') }} as i
  inner join {{ ref('int_statut_juges') }} as j on j.serie = i.serie and j.n_periode = i.periode
  inner join courbes as c on c.trajectoire = i.trajectoire
  where c.forme not in ('paliers', 'seuil') and c.monte <> c.descend and i.d is not null
),

dates as (
  select c.serie,
    max(case when s.v1 = s.v2 then s.a2 else {{ annee_due('s', 'c.y') }} end) as au_plus_tard,
    min(case when s.v1 = s.v2 then s.a1 else {{ annee_due('s', 'c.y') }} end) as au_plus_tot
  from cas as c
  inner join {{ ref('int_trajectoire_segments') }} as s
    on s.trajectoire = c.trajectoire and not s.prolongement
    and c.y >= least(s.v1, s.v2) and c.y <= greatest(s.v1, s.v2)
  group by c.serie
),

echeances as (
  select c.*,
    case
      when (c.y - c.v_fin) * c.sens_courbe > 0 then c.a_fin
      when (c.y - c.v_debut) * c.sens_courbe < 0 then c.a_debut
      -- On a flat stretch the smallest delay counts.
      when c.d * c.sens_courbe > 0 then x.au_plus_tard
      else x.au_plus_tot
    end as annee_due,
    case
      when (c.y - c.v_fin) * c.sens_courbe > 0 then case when c.d * c.sens_courbe > 0 then 'au_moins' else 'plus_de' end
      when (c.y - c.v_debut) * c.sens_courbe < 0 then case when c.d * c.sens_courbe > 0 then 'plus_de' else 'au_moins' end
      else ''
    end as borne
  from cas as c
  left join dates as x on x.serie = c.serie
)

select serie, indicateur, annee_due, borne, d * sens_courbe * (t - annee_due) as retard
from echeances
