-- The points on which a status rests: the newest, the newest final one, and the final one before it that shares no year
-- with it (a rolling census window shares four years with the next: two of them are not two years).
with points as (
  select serie,
    count(*) as points,
    max(debut) filter (where rang_final = 1) as f1_debut,
    any_value(struct_pack(
      periode := periode, annee := annee, statut := statut, juge := juge, attendu := attendu, residu := residu)
    ) filter (where rang_compare = 1) as n,
    any_value(struct_pack(periode := periode, annee := annee, residu := residu, ecart := juge - attendu))
      filter (where rang_final = 1) as f1,
    max(annee) filter (where rang_compare = 2) as a_annee
  from {{ ref('int_statut_serie') }}
  where residu is not null
  group by serie
),

precedents as (
  select s.serie, arg_max(struct_pack(periode := s.periode, annee := s.annee, residu := s.residu), s.ordre) as f2
  from {{ ref('int_statut_serie') }} as s
  inner join points as p on p.serie = s.serie
  where s.rang_final >= 2 and s.annee < p.f1_debut
  group by s.serie
)

select
  p.serie,
  i.indicateur,
  p.points,
  p.n.periode as n_periode, p.n.annee as n_annee, p.n.statut as n_statut, p.n.residu as n_residu,
  p.n.attendu as n_attendu, p.n.juge as n_juge, p.n.juge - p.n.attendu as n_ecart,
  p.f1.periode as f1_periode, p.f1.annee as f1_annee, p.f1.residu as f1_residu, p.f1.ecart as f1_ecart,
  f.f2.periode as f2_periode, f.f2.annee as f2_annee, f.f2.residu as f2_residu,
  -- Noise is estimated on the points before every point that is judged.
  least(coalesce(f.f2.annee, p.f1.annee, p.n.annee), coalesce(p.a_annee, p.n.annee)) as premier_juge
from points as p
inner join {{ ref('int_statut_indicateurs') }} as i on i.serie = p.serie
left join precedents as f on f.serie = p.serie
