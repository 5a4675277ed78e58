{#- Indicators that count places one by one: one row a place and a territory, the count in each, and its rate. -#}

{#- A count of places by territory: the total, and one breakdown a condition of `details` (id → SQL condition).
    `relation` has one row a place (`cle`), its `code_commune` and `edition`. A territory without a place is a zero of
    the base: whoever reads it must know what the base does not hold (limites of the indicator). -#}
{% macro nombre_de_lieux(relation, jeu, cle, details, periode, millesime) -%}
with base as (
  select {{ periode }} as periode, {{ millesime }} as millesime, {{ editions_de('edition') }} as editions
  from {{ ref(relation) }}
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

comptes as (
  select p.niveau, p.code,
    count(distinct l.{{ cle }}) as total
    {%- for id, condition in details.items() %},
    count(distinct l.{{ cle }}) filter (where l.{{ condition }}) as {{ id }}
    {%- endfor %}
  from places as p
  left join {{ ref(relation) }} as l on l.code_commune = p.code_commune
  group by p.niveau, p.code
),

ventile as (
  select niveau, code, '' as ventilation, total as valeur from comptes
  {%- for id in details %}
  union all
  select niveau, code, '{{ id }}', {{ id }} from comptes
  {%- endfor %}
)

select
  v.niveau as territoire_niveau,
  v.code as territoire_code,
  b.periode,
  v.ventilation,
  cast(v.valeur as double) as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  'definitif' as statut,
  'recalcule' as nature,
  '' as note,
  b.millesime,
  ['{{ jeu }}'] as jeux,
  b.editions
from ventile as v
cross join base as b
where b.periode is not null
order by territoire_niveau, territoire_code, ventilation
{%- endmacro %}

{#- The same for 10,000 inhabitants, the count itself as breakdown `nombre`. The population is the newest one. -#}
{% macro taux_de_lieux(relation, jeu, cle, details, periode, millesime) -%}
with comptes as (
  {{ nombre_de_lieux(relation, jeu, cle, details, periode, millesime) }}
)

select
  c.territoire_niveau,
  c.territoire_code,
  c.periode,
  case c.ventilation when '' then v.ventilation else c.ventilation end as ventilation,
  case when c.ventilation = '' and v.ventilation = '' then 10000 * c.valeur / h.habitants else c.valeur end as valeur,
  c.borne_basse,
  c.borne_haute,
  c.statut,
  c.nature,
  case when c.ventilation = '' and v.ventilation = '' then 'Rapporté à la population de ' || h.periode || '.' else '' end
    as note,
  c.millesime,
  ['{{ jeu }}', 'insee/populations'] as jeux,
  list_sort(list_distinct(c.editions || h.editions)) as editions
from comptes as c
inner join {{ habitants() }} as h on h.niveau = c.territoire_niveau and h.code = c.territoire_code
inner join (values (''), ('nombre')) as v(ventilation) on c.ventilation = '' or v.ventilation = ''
order by territoire_niveau, territoire_code, ventilation
{%- endmacro %}
