-- Time distance to France (S-time-distance, Sicherl): the last year in which the long national series stood at the level
-- that a territory has now. One row a figure and a reading:
--   `directe`   the figure as it is (amounts in constant euros) on the national series, as the diagnostic reads it;
--   `raccordee` after the gap between the two sources is taken off: France is in both, the mean gap of the years that
--               both know (same side of every break) is what separates the sources, not the territories.
-- Nothing is extrapolated: a level that the series never had gives no year, and a figure without its deflator neither.
{%- set suivis = ['revenu_median_uc', 'taux_activite_femmes'] %}
with niveaux as (
  {%- for indicateur in suivis if 'ind_' ~ indicateur in var('indicator_models') %}
  select '{{ indicateur }}' as indicateur, territoire_niveau as niveau, territoire_code as code, periode,
    {{ decimal_year('periode') }} as annee, valeur, statut, jeux, editions
  from {{ ref('ind_' ~ indicateur) }}
  where ventilation = '' and valeur is not null
  union all
  {%- endfor %}
  select null, null, null, null, null, null, null, cast([] as varchar[]), cast([] as varchar[]) where false
),

natures as (
  select distinct indicateur, page, lien, niveau as france_niveau, code as france_code, nom as france_nom
  from {{ ref('int_series_nationales') }}
),

-- Which side of the breaks of its own series a figure is on.
cotes as (
  select n.indicateur, n.annee, max({{ decimal_year('r.periode') }}) as cote
  from (select distinct indicateur, annee from niveaux) as n
  inner join {{ ref('dim_rupture') }} as r
    on r.indicateur = n.indicateur and {{ decimal_year('r.periode') }} <= n.annee
  group by n.indicateur, n.annee
),

constants as (
  select n.*, t.page, t.lien, t.france_niveau, t.france_code, t.france_nom, coalesce(c.cote, 0) as cote,
    case t.lien when 'rapport' then d.euros end as euros,
    case t.lien when 'rapport' then n.valeur * d.facteur else n.valeur end as valeur_constante,
    case t.lien when 'rapport' then coalesce(d.jeux, []) else [] end as jeux_deflateur,
    case t.lien when 'rapport' then coalesce(d.editions, []) else [] end as editions_deflateur
  from niveaux as n
  inner join natures as t on t.indicateur = n.indicateur
  left join cotes as c on c.indicateur = n.indicateur and c.annee = n.annee
  left join {{ ref('int_deflateur') }} as d on d.annee = n.annee
),

segments as (
  select indicateur, annee as a1, valeur as v1,
    lead(annee) over (partition by indicateur order by annee) as a2,
    lead(valeur) over (partition by indicateur order by annee) as v2
  from {{ ref('int_series_nationales') }}
),

bouts as (
  select indicateur, min(annee) as debut, max(annee) as fin, max_by(valeur, annee) as valeur_fin,
    min(jeu) as jeu, list_sort(list_distinct(list(edition))) as editions
  from {{ ref('int_series_nationales') }}
  group by indicateur
),

-- The national series at the year of each figure: its last value when it stops before.
france as (
  select x.indicateur, x.annee, coalesce(
      max(case when s.a2 > s.a1 and x.annee < s.a2 then s.v1 + (s.v2 - s.v1) * (x.annee - s.a1) / (s.a2 - s.a1) end),
      max(case when x.annee >= b.fin then b.valeur_fin end)
    ) as valeur,
    max(b.debut) as debut, max(b.fin) as fin, max(b.jeu) as jeu, max(b.editions) as editions
  from (select distinct indicateur, annee from constants) as x
  inner join bouts as b on b.indicateur = x.indicateur
  left join segments as s on s.indicateur = x.indicateur and x.annee >= s.a1
  group by x.indicateur, x.annee
),

-- The gap between the sources, on the years when France is known in both.
communes_aux_deux as (
  select c.indicateur, c.cote, c.lien, c.annee, c.valeur_constante as source, f.valeur as serie
  from constants as c
  inner join france as f on f.indicateur = c.indicateur and f.annee = c.annee
  where c.niveau in ('france', 'france_metropolitaine') and c.valeur_constante > 0 and c.annee <= f.fin
  qualify row_number() over (
    partition by c.indicateur, c.annee order by c.niveau = c.france_niveau desc, c.niveau, c.periode
  ) = 1
),

liens as (
  select indicateur, cote,
    case any_value(lien) when 'rapport' then avg(serie / source) else avg(serie - source) end as decalage,
    list(cast(annee as integer) order by annee) as annees
  from communes_aux_deux
  group by indicateur, cote
),

lectures as (
  select c.*, 'directe' as lecture, cast(null as double) as decalage, cast([] as integer[]) as annees_lien,
    c.valeur_constante as niveau_compare
  from constants as c
  union all
  select c.*, 'raccordee', l.decalage, coalesce(l.annees, []),
    case c.lien when 'rapport' then c.valeur_constante * l.decalage else c.valeur_constante + l.decalage end
  from constants as c
  left join liens as l on l.indicateur = c.indicateur and l.cote = c.cote
),

croisements as (
  select l.indicateur, l.niveau, l.code, l.periode, l.lecture, s.a1, s.a2,
    {{ annee_du_niveau('s', 'l.niveau_compare') }} as annee_equivalente
  from lectures as l
  inner join segments as s on s.indicateur = l.indicateur and s.a1 < l.annee
    and l.niveau_compare >= least(s.v1, s.v2) and l.niveau_compare <= greatest(s.v1, s.v2)
  -- A flat or falling series meets a level more than once: the last time counts, the smallest delay.
  qualify row_number() over (
    partition by l.indicateur, l.niveau, l.code, l.periode, l.lecture
    order by {{ annee_du_niveau('s', 'l.niveau_compare') }} <= l.annee desc,
      {{ annee_du_niveau('s', 'l.niveau_compare') }} desc
  ) = 1
)

select
  l.indicateur,
  l.page,
  l.lecture,
  l.niveau,
  l.code,
  l.periode,
  l.annee,
  l.valeur,
  l.statut,
  l.lien,
  l.euros,
  l.niveau_compare,
  l.decalage,
  l.annees_lien,
  l.france_niveau,
  l.france_code,
  l.france_nom,
  f.valeur as france_valeur,
  f.debut as serie_debut,
  f.fin as serie_fin,
  case
    when l.niveau in ('france', 'france_metropolitaine') then 'est_la_france'
    when l.valeur_constante is null then 'sans_deflateur'
    when l.niveau_compare is null then 'sans_annee_commune'
    when l.niveau_compare >= f.valeur then 'au_niveau'
    when x.annee_equivalente is null or x.annee_equivalente > l.annee then 'avant_la_serie'
    else ''
  end as raison,
  case when l.niveau_compare < f.valeur and x.annee_equivalente <= l.annee then x.annee_equivalente end
    as annee_equivalente,
  case when l.niveau_compare < f.valeur and x.annee_equivalente <= l.annee then l.annee - x.annee_equivalente end
    as retard,
  x.a1 as point_avant,
  x.a2 as point_apres,
  list_sort(list_distinct(list_concat(list_concat(l.jeux, l.jeux_deflateur), [f.jeu]))) as jeux,
  list_sort(list_distinct(list_concat(list_concat(l.editions, l.editions_deflateur), f.editions))) as editions
from lectures as l
inner join france as f on f.indicateur = l.indicateur and f.annee = l.annee
left join croisements as x
  on x.indicateur = l.indicateur and x.niveau = l.niveau and x.code = l.code and x.periode = l.periode
  and x.lecture = l.lecture
order by l.indicateur, l.lecture, l.niveau, l.code, l.periode
