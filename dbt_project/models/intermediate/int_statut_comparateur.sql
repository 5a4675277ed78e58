-- Years behind a comparison territory: how long ago it last had the level that the territory has now (same season, same
-- side of a break). Nothing when the territory does better, or when the comparison never had that level in its series.
with choix as (
  select i.indicateur, i.d, i.annee, i.valeur, i.saison, i.rupture, i.ventilation,
    o.territoire_niveau as niveau,
    o.territoire_code as code, o.territoire as nom, o.valeur as valeur_comparateur
  from {{ ref('int_statut_indicateurs') }} as i
  inner join {{ ref('fct_observation') }} as o
    on o.indicateur = i.indicateur and o.periode = i.periode and o.ventilation = i.ventilation and o.valeur is not null
    and o.territoire_niveau in ('france_metropolitaine', 'france', 'region')
  where i.d is not null
  qualify row_number() over (
    partition by i.indicateur
    order by case o.territoire_niveau when 'france' then 1 when 'france_metropolitaine' then 2 else 3 end,
      o.territoire_code
  ) = 1
),

series as (
  select c.indicateur, c.d, c.valeur, o.annee as a1, o.valeur as v1,
    lead(o.annee) over (partition by c.indicateur order by o.annee) as a2,
    lead(o.valeur) over (partition by c.indicateur order by o.annee) as v2
  from choix as c
  inner join {{ ref('fct_observation') }} as o
    on o.indicateur = c.indicateur and o.territoire_niveau = c.niveau and o.territoire_code = c.code
    and o.ventilation = c.ventilation and o.valeur is not null and o.annee <= c.annee
    and {{ season('o.periode') }} = c.saison and (c.rupture is null or o.annee >= c.rupture)
),

debuts as (
  select indicateur, min(a1) as debut_serie from series group by indicateur
),

croisements as (
  select indicateur,
    max(case when v1 = v2 then a2 else a1 + (a2 - a1) * (valeur - v1) / (v2 - v1) end) as annee_du_niveau
  from series
  where a2 is not null and valeur >= least(v1, v2) and valeur <= greatest(v1, v2)
  group by indicateur
)

select
  c.indicateur,
  c.niveau,
  c.code,
  c.nom,
  c.valeur_comparateur,
  x.annee_du_niveau,
  b.debut_serie,
  case when -c.d * (c.valeur - c.valeur_comparateur) > 0 then c.annee - x.annee_du_niveau end as retard
from choix as c
left join croisements as x on x.indicateur = c.indicateur
left join debuts as b on b.indicateur = c.indicateur
order by c.indicateur
