-- Stations open to the public (the total), charge points (`points`) and fast points (`points_50kw`). The base keeps no
-- history: the period is the month of its newest update, never later than the night it was fetched.
with etat as (
  select coalesce(max(mise_a_jour) filter (where mise_a_jour <= nuit), max(nuit)) as date_etat,
    {{ editions_de('edition') }} as editions
  from {{ ref('int_irve_points') }}
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

comptes as (
  select p.niveau, p.code,
    count(distinct i.station) as stations,
    count(distinct i.point) as points,
    count(distinct i.point) filter (where i.puissance_kw >= 50) as points_50kw,
    count(distinct i.point) filter (where i.situe_par_coordonnees) as situes,
    count(i.point) as lignes,
    {{ editions_de('i.edition') }} as editions
  from places as p
  left join {{ ref('int_irve_points') }} as i on i.code_commune = p.code_commune
  group by p.niveau, p.code
),

ventile as (
  unpivot comptes on stations, points, points_50kw into name ventilation value valeur
)

select
  v.niveau as territoire_niveau,
  v.code as territoire_code,
  strftime(e.date_etat, '%Y-%m') as periode,
  case v.ventilation when 'stations' then '' else v.ventilation end as ventilation,
  -- A commune absent from the base is not a proven zero; an EPCI with declared points is a count.
  case when v.lignes > 0 then cast(v.valeur as double) end as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when v.lignes > 0 then 'definitif' else 'manquant' end as statut,
  'recalcule' as nature,
  case
    when v.lignes = 0 then 'Aucun point de recharge déclaré dans la base nationale : ce n’est pas un zéro vérifié.'
    when v.situes = 1 then 'Un point situé par ses coordonnées, sans code de commune déclaré.'
    when v.situes > 1 then v.situes || ' points situés par leurs coordonnées, sans code de commune déclaré.'
    else ''
  end as note,
  'Base nationale IRVE au ' || strftime(e.date_etat, '%Y-%m-%d') as millesime,
  ['irve/points'] as jeux,
  -- An absence is read from the whole base.
  case when v.lignes > 0 then v.editions else e.editions end as editions
from ventile as v
cross join etat as e
where e.date_etat is not null
order by territoire_niveau, territoire_code, ventilation
