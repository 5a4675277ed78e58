-- How much a series moves by itself: mean moving range / 1.128 of the residuals before the points that are judged
-- (§12.3), on yearly increments for cumulative shapes, whose residuals are autocorrelated. From 5 points; below, the
-- published bounds of the newest figure when there are some.
with etapes as (
  select s.indicateur, s.annee, s.periode, j.premier_juge, j.points,
    case when s.forme = 'budget_cumule'
      then s.residu - coalesce(lag(s.residu) over (partition by s.indicateur order by s.annee, s.periode), 0)
      else s.residu end as e
  from {{ ref('int_statut_serie') }} as s
  inner join {{ ref('int_statut_juges') }} as j on j.indicateur = s.indicateur
  where s.residu is not null
),

etendues as (
  select indicateur, annee, periode, points,
    abs(e - lag(e) over (partition by indicateur order by annee, periode)) as mr
  from etapes
  where annee < premier_juge
),

mobiles as (
  select indicateur, max(points) as points, count(mr) as etendues,
    sum(mr order by annee, periode) / nullif(count(mr), 0) as etendue_moyenne
  from etendues
  group by indicateur
)

select
  j.indicateur,
  case
    when j.points >= 5 and m.etendues >= 1 then m.etendue_moyenne / 1.128
    when i.borne_basse is not null and i.borne_haute is not null and i.echelle > 0
      then (i.borne_haute - i.borne_basse) / (2 * 1.959964) / i.echelle
  end as sigma,
  case
    when j.points >= 5 and m.etendues >= 1 then 'etendue_mobile'
    when i.borne_basse is not null and i.borne_haute is not null and i.echelle > 0 then 'intervalle_publie'
    else 'serie_trop_courte'
  end as methode,
  coalesce(m.etendues, 0) as etendues,
  m.etendue_moyenne
from {{ ref('int_statut_juges') }} as j
inner join {{ ref('int_statut_indicateurs') }} as i on i.indicateur = j.indicateur
left join mobiles as m on m.indicateur = j.indicateur
order by j.indicateur
