-- Recent slope (Theil–Sen on the last 5 to 7 points, never across a break), its bounds (ranks of the sorted slopes from
-- the exact law of Kendall's S: at least 90 %), and the year at which it would reach the target: nothing when it goes the
-- wrong way, or for a ceiling and a yearly pace, which are not something to reach.
with recents as (
  select serie, count(*) as points,
    {%- for k in range(1, 8) %}
    max(annee) filter (where rang = {{ k }}) as a{{ k }},
    -- A total since the first year has no pace of its own: that of a yearly pace is read on the yearly figures.
    max(coalesce(juge, valeur)) filter (where rang = {{ k }}) as v{{ k }}{{ "," if not loop.last }}
    {%- endfor %}
  from (
    select s.serie, s.annee, s.rang, s.valeur,
      case when i.forme = 'rythme' then s.valeur else s.juge end as juge
    from {{ ref('int_statut_serie') }} as s
    inner join {{ ref('int_statut_indicateurs') }} as i on i.serie = s.serie
    where s.rang <= 7 and (i.forme is distinct from 'convergence' or s.juge is not null)
  )
  group by serie
),

pentes as (
  select serie, points, v1 as valeur, a1 as annee,
    list_sort(list_filter([
      {%- for i in range(1, 8) %}{%- for j in range(i + 1, 8) %}
      (v{{ i }} - v{{ j }}) / (a{{ i }} - a{{ j }}){{ "," if not (i == 6 and j == 7) }}
      {%- endfor %}{%- endfor %}
    ], x -> x is not null)) as p
  from recents
  where points >= 5
),

rangs as (
  select serie, points, valeur, annee, p,
    -- Slopes left out at each end: 1, 2 and 4 of 10, 15 and 21 (cover 91.7 %, 94.4 % and 93.1 %).
    case len(p) when 10 then 2 when 15 then 3 when 21 then 5 end as k
  from pentes
),

bornes as (
  select serie, points, valeur, annee,
    (p[(len(p) + 1) // 2] + p[(len(p) + 2) // 2]) / 2 as pente,
    p[k] as pente_basse,
    p[len(p) + 1 - k] as pente_haute
  from rangs
),

routes as (
  select b.*, i.indicateur, i.d, i.cible_valeur - b.valeur as reste,
    not (i.forme is null or i.forme in ('budget_cumule', 'division', 'rythme') or i.cible_valeur is null
      or i.manque_calcule <> '' or (i.cible_valeur - b.valeur) * i.d <= 0 or b.annee <> i.annee) as arrivable
  from bornes as b
  inner join {{ ref('int_statut_indicateurs') }} as i on i.serie = b.serie
)

select
  serie, indicateur, pente, pente_basse, pente_haute, points,
  -- Beyond two centuries a date says nothing.
  case when arrivable and pente * d > 0 and reste / pente <= 200 then annee + reste / pente end as arrivee_annee,
  case when arrivable and greatest(pente_basse * d, pente_haute * d) > 0
      and abs(reste) / greatest(pente_basse * d, pente_haute * d) <= 200
    then annee + abs(reste) / greatest(pente_basse * d, pente_haute * d) end as arrivee_au_plus_tot,
  -- Null while the slowest credible pace never gets there: the interval has no end.
  case when arrivable and least(pente_basse * d, pente_haute * d) > 0
      and abs(reste) / least(pente_basse * d, pente_haute * d) <= 200
    then annee + abs(reste) / least(pente_basse * d, pente_haute * d) end as arrivee_au_plus_tard
from routes
