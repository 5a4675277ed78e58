-- How much a series moves by itself: mean moving range / 1.128 of the residuals before the points that are judged
-- (docs/drift.md), from 5 points; below, the published bounds of the newest figure when there are some.
with mobiles as (
  select s.serie, count(s.mr) as etendues,
    cast(sum(cast(s.mr as decimal(38, 12))) as double) / nullif(count(s.mr), 0) as etendue_moyenne
  from {{ ref('int_statut_serie') }} as s
  inner join {{ ref('int_statut_juges') }} as j on j.serie = s.serie
  where s.annee < j.premier_juge
  group by s.serie
)

select
  j.serie,
  i.indicateur,
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
inner join {{ ref('int_statut_indicateurs') }} as i on i.serie = j.serie
left join mobiles as m on m.serie = j.serie
