-- The figures: the union of the indicators' models, rounded once (here) to the decimals that each indicator keeps.
-- What is computed from a simulated edition is simulated, whatever the model says of its nature.
{#- Indicators whose EPCI figures are sums of communes: those whose model reads int_appartenances. dbt's unit tests have
    no graph: they name theirs. -#}
{%- set sommes = var('sommes_communales', []) | list -%}
{%- if execute and graph.nodes is defined -%}
  {%- for modele in var('indicator_models') -%}
    {%- set noeud = graph.nodes.get('model.observatoire.' ~ modele) -%}
    {%- if noeud and 'model.observatoire.int_appartenances' in noeud.depends_on.nodes -%}
      {%- do sommes.append(modele[4:]) -%}
    {%- endif -%}
  {%- endfor -%}
{%- endif %}
with brut as (
  {%- if not var('indicator_models') %}
  select
    cast(null as varchar) as indicateur, cast(null as varchar) as territoire_niveau,
    cast(null as varchar) as territoire_code, cast(null as varchar) as periode, cast(null as varchar) as ventilation,
    cast(null as double) as valeur, cast(null as double) as borne_basse, cast(null as double) as borne_haute,
    cast(null as varchar) as statut, cast(null as varchar) as nature, cast(null as varchar) as note,
    cast(null as varchar) as millesime, cast([] as varchar[]) as jeux, cast([] as varchar[]) as editions
  where false
  {%- endif %}
  {%- for modele in var('indicator_models') %}
  select
    '{{ modele[4:] }}' as indicateur, territoire_niveau, territoire_code, cast(periode as varchar) as periode,
    ventilation, cast(valeur as double) as valeur, cast(borne_basse as double) as borne_basse,
    cast(borne_haute as double) as borne_haute, statut, nature, note, millesime, jeux, editions
  from {{ ref(modele) }}
  {{ "union all" if not loop.last }}
  {%- endfor %}
),

-- The similar EPCI taken together: the simple mean of what publishers say of each, never of our own sums, for a period
-- and a breakdown of which at least three are known. A mean of medians is no median: its note says what it is.
groupe as (
  select
    b.indicateur, 'groupe' as territoire_niveau, 'comparables' as territoire_code, b.periode, b.ventilation,
    {{ somme('b.valeur') }} / count(*) as valeur, cast(null as double) as borne_basse, cast(null as double) as borne_haute,
    case when bool_or(b.statut = 'estime') then 'estime' when bool_or(b.statut = 'provisoire') then 'provisoire'
      else 'definitif' end as statut,
    'recalcule' as nature,
    case when bool_or(strip_accents(lower(i.titre)) like '%median%') then 'Moyenne simple des médianes publiées de '
      else 'Moyenne simple, non pondérée, des chiffres publiés de ' end
    || count(*) || ' intercommunalités comparables sur {{ var("comparables") | length }}.' as note,
    string_agg(distinct b.millesime, ' ; ' order by b.millesime) as millesime,
    list_sort(list_distinct(flatten(list(b.jeux)))) as jeux,
    list_sort(list_distinct(flatten(list(b.editions)))) as editions
  from brut as b
  inner join {{ ref('dim_indicator') }} as i on i.indicateur = b.indicateur
  where b.territoire_niveau = 'epci' and b.nature = 'publie' and b.valeur is not null
    and b.territoire_code in ({% for code in var('comparables') %}'{{ code }}', {% endfor %}'')
  group by b.indicateur, b.periode, b.ventilation
  having count(*) >= 3
),

figures as (
  select * from brut
  union all
  select * from groupe
),

-- Traces repeat over thousands of rows: what they imply is worked out once per distinct list.
traces as (
  select d.editions, coalesce(bool_or(e.simule), false) as simule
  from (select editions, unnest(editions) as edition from (select distinct editions from figures)) as d
  inner join (select edition, bool_or(simule) as simule from {{ ref('dim_edition') }} group by edition) as e
    on e.edition = d.edition
  group by d.editions
),

-- A detail counted in another unit than its total ("id: unité" in the indicator's yml).
unites as (
  select indicateur, split_part(declaree, ': ', 1) as ventilation,
    substr(declaree, strpos(declaree, ': ') + 2) as unite
  from (select indicateur, unnest(ventilation_unites) as declaree from {{ ref('dim_indicator') }})
),

sources as (
  select d.jeux,
    string_agg(distinct s.editeur || ', ' || s.titre, ' ; ' order by s.editeur || ', ' || s.titre) as source,
    string_agg(distinct s.licence_nom, ' ; ' order by s.licence_nom) as licence,
    min(s.perime_depuis) as perime_depuis
  from (select jeux, unnest(jeux) as jeu from (select distinct jeux from figures)) as d
  inner join {{ ref('dim_dataset') }} as s on s.jeu = d.jeu
  group by d.jeux
)

select
  b.indicateur,
  b.territoire_niveau,
  b.territoire_code,
  t.nom as territoire,
  b.periode,
  {{ decimal_year('b.periode') }} as annee,
  b.ventilation,
  round(b.valeur, cast(i.decimales_donnees as integer)) as valeur,
  coalesce(u.unite, i.unite) as unite,
  round(b.borne_basse, cast(i.decimales_donnees as integer)) as borne_basse,
  round(b.borne_haute, cast(i.decimales_donnees as integer)) as borne_haute,
  b.statut,
  case when coalesce(tr.simule, false) then 'simule' else b.nature end as nature,
  trim(concat_ws(' ', b.note, pe.note)) as note,
  coalesce(b.millesime, '') as millesime,
  coalesce(s.source, '') as source,
  coalesce(s.licence, '') as licence,
  b.jeux,
  b.editions,
  s.perime_depuis,
  -- A model says up to which day it counts at the end of its millésime: « … au 2026-06-30 ».
  try_cast(nullif(regexp_extract(b.millesime, ' au (\d{4}-\d{2}-\d{2})$', 1), '') as date) as jusqu_au
from figures as b
inner join {{ ref('dim_indicator') }} as i on i.indicateur = b.indicateur
-- Publishers' files carry more territories than the observatory shows.
inner join {{ ref('int_territoires') }} as t on t.niveau = b.territoire_niveau and t.code = b.territoire_code
left join unites as u on u.indicateur = b.indicateur and u.ventilation = b.ventilation
-- Sums are over the members of today at every date: when others were members, the note says who.
left join {{ ref('int_perimetres') }} as pe
  on b.territoire_niveau = 'epci' and b.nature = 'recalcule' and pe.code_epci = b.territoire_code
  and pe.annee = try_cast(regexp_extract(b.periode, '(\d{4})[^/]*$', 1) as integer)
  and b.indicateur in ({% for nom in sommes %}'{{ nom }}', {% endfor %}'')
left join traces as tr on tr.editions = b.editions
left join sources as s on s.jeux = b.jeux
order by b.indicateur, b.territoire_niveau, b.territoire_code, b.periode, b.ventilation
