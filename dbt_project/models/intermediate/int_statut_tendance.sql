-- Recent slope (Theil–Sen on the last 5 to 7 points, never across a break) and the year at which it would reach the
-- target (§8): nothing when it goes the wrong way, or for a budget, which is not something to reach.
with recents as (
  select indicateur, annee, valeur, count(*) over (partition by indicateur) as points
  from {{ ref('int_statut_serie') }}
  where rang <= 7
),

pentes as (
  select a.indicateur, median((b.valeur - a.valeur) / (b.annee - a.annee)) as pente, max(a.points) as points
  from recents as a
  inner join recents as b on b.indicateur = a.indicateur and b.annee > a.annee
  where a.points >= 5
  group by a.indicateur
)

select
  p.indicateur,
  p.pente,
  p.points,
  case
    when i.forme is null or i.forme = 'budget_cumule' or i.cible_valeur is null or i.manque_calcule <> '' then null
    when p.pente * i.d <= 0 or (i.cible_valeur - i.valeur) * i.d <= 0 then null
    -- Beyond two centuries a date says nothing.
    when (i.cible_valeur - i.valeur) / p.pente <= 200 then i.annee + (i.cible_valeur - i.valeur) / p.pente
  end as arrivee_annee
from pentes as p
inner join {{ ref('int_statut_indicateurs') }} as i on i.indicateur = p.indicateur
order by p.indicateur
