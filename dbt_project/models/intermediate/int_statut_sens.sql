-- A direction only (a way to go without a level, or a gap to close without a date): did each of the last three figures
-- go the wrong way? By chance alone that happens to one series in 24. `points`: figures that can be compared.
select
  i.serie,
  i.indicateur,
  count(s.juge) as points,
  count(*) filter (where s.rang <= 3 and s.recul) as reculs,
  bool_and(s.statut = 'definitif') filter (where s.rang <= 4) as definitifs
from {{ ref('int_statut_indicateurs') }} as i
inner join {{ ref('int_statut_serie') }} as s on s.serie = i.serie
where i.sens_seul and i.manque_calcule = ''
group by i.serie, i.indicateur
order by i.serie
