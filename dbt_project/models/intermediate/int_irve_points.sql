-- One row a public charge point, located in a commune. The base repeats points (same id_pdc_itinerance in several
-- resources): the most recently updated line wins. A point without commune code is located by its coordinates, in
-- the contour that contains them (even-odd rule on the published contours).
with uniques as (
  select *
  from {{ ref('stg_irve__points') }}
  where point is not null
  qualify row_number() over (
    partition by point
    order by mise_a_jour desc nulls last, (code_commune is null), station nulls last, code_commune, puissance_kw desc
  ) = 1
),

a_situer as (
  select point, longitude, latitude
  from uniques
  where code_commune is null and longitude is not null and latitude is not null
),

{{ situer_dans_les_contours('a_situer', 'point') }}

select
  u.point,
  coalesce(u.station, u.point) as station,
  coalesce(u.code_commune, s.code_commune) as code_commune,
  u.code_commune is null and s.code_commune is not null as situe_par_coordonnees,
  u.puissance_kw,
  u.mise_a_jour,
  u.edition,
  u.nuit
from uniques as u
left join situes as s on s.point = u.point
order by u.point
