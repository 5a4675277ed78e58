-- The points on which a status rests: the newest, the newest final one, and the final one before it that shares no year
-- with it (a rolling census window shares four years with the next: two of them are not two years).
with comparables as (
  select * from {{ ref('int_statut_serie') }} where residu is not null
),

finaux as (
  select * from comparables where statut = 'definitif'
),

dernier as (
  select * from comparables where rang_compare = 1
),

f1 as (
  select * from finaux
  qualify row_number() over (partition by indicateur order by annee desc, periode desc) = 1
),

f2 as (
  select f.*
  from finaux as f
  inner join f1 on f1.indicateur = f.indicateur and f.annee < f1.debut
  qualify row_number() over (partition by f.indicateur order by f.annee desc, f.periode desc) = 1
),

comptes as (
  select indicateur, count(*) as points from comparables group by indicateur
),

avant as (
  select indicateur, annee from comparables where rang_compare = 2
)

select
  n.indicateur,
  c.points,
  n.periode as n_periode, n.annee as n_annee, n.statut as n_statut, n.residu as n_residu, n.attendu as n_attendu,
  n.ecart as n_ecart,
  f1.periode as f1_periode, f1.annee as f1_annee, f1.residu as f1_residu,
  f1.ecart as f1_ecart,
  f2.periode as f2_periode, f2.annee as f2_annee, f2.residu as f2_residu,
  -- Noise is estimated on the points before every point that is judged.
  least(coalesce(f2.annee, f1.annee, n.annee), coalesce(a.annee, n.annee)) as premier_juge
from dernier as n
inner join comptes as c on c.indicateur = n.indicateur
left join f1 on f1.indicateur = n.indicateur
left join f2 on f2.indicateur = n.indicateur
left join avant as a on a.indicateur = n.indicateur
order by n.indicateur
