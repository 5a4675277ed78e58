-- Years behind a comparison territory: how long ago it last had the level that the territory has now (same season, same
-- side of a break). Nothing when the territory does better, or when the comparison never had that level in its series.
-- An indicator with a long national series (int_series_nationales) is dated on it, in constant euros and with the two
-- sources brought together; the others on the series of the comparison territory in the same source.
with nationaux as (
  select i.indicateur, e.france_niveau as niveau, e.france_code as code, e.france_nom as nom,
    e.france_valeur as valeur_comparateur, e.annee_equivalente as annee_du_niveau, e.serie_debut as debut_serie,
    e.retard, e.lecture as methode, e.niveau_compare, e.euros
  from {{ ref('int_statut_indicateurs') }} as i
  inner join {{ ref('int_annee_equivalente') }} as e
    on e.indicateur = i.indicateur and e.niveau = i.territoire_niveau and e.code = i.territoire_code
    and e.periode = i.periode and i.ventilation = ''
  -- Never a comparison in current euros, nor of two sources as if they were one: without a deflator or a year in
  -- common, no row.
  where i.d = 1 and e.lecture = 'raccordee' and e.niveau_compare is not null
),

choix as (
  select i.indicateur, i.d, i.annee, i.valeur, i.saison, i.rupture, i.ventilation,
    o.territoire_niveau as niveau,
    o.territoire_code as code, o.territoire as nom, o.valeur as valeur_comparateur
  from {{ ref('int_statut_indicateurs') }} as i
  inner join {{ ref('fct_observation') }} as o
    on o.indicateur = i.indicateur and o.periode = i.periode and o.ventilation = i.ventilation and o.valeur is not null
    and o.territoire_niveau in ('france_metropolitaine', 'france', 'region')
  where i.d is not null
    and i.indicateur not in (
      select indicateur from {{ ref('int_series_nationales') }}
      union all
      select page from {{ ref('int_series_nationales') }}  -- a delay on France is not itself dated on France
    )
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
  select indicateur, max({{ annee_du_niveau('series', 'valeur') }}) as annee_du_niveau
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
  case when -c.d * (c.valeur - c.valeur_comparateur) > 0 then c.annee - x.annee_du_niveau end as retard,
  'meme_source' as methode,
  c.valeur as niveau_compare,
  cast(null as integer) as euros
from choix as c
left join croisements as x on x.indicateur = c.indicateur
left join debuts as b on b.indicateur = c.indicateur
union all
select indicateur, niveau, code, nom, valeur_comparateur, annee_du_niveau, debut_serie, retard, methode,
  niveau_compare, euros
from nationaux
order by indicateur
