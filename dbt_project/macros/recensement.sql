{#- Census counts (Insee, Melodi): their common staging, and a territory's own counts or the sum of its communes. -#}

{#- Staging of a census table of the landing room: levels and codes of the house, markers decoded. `dimensions` maps a
    column of the source to its French name. -#}
{% macro recensement(name, dimensions) -%}
select
  {{ niveau_insee('geo_niveau', 'geo_code') }} as niveau,
  geo_niveau as niveau_source,
  {{ code_insee('geo_niveau', 'geo_code') }} as code,
  cast(time_period as integer) as annee,
  {%- for column, french in dimensions.items() %}
  {{ column }} as {{ french }},
  {%- endfor %}
  value as valeur,
  {{ melodi_statut('value', 'conf_status') }} as statut,
  geo_millesime as cog,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', name) }}
order by niveau, code, annee{% for french in dimensions.values() %}, {{ french }}{% endfor %}
{%- endmacro %}

{#- Counts by territory from a relation with columns niveau, code, the `cles` (text or number), the `mesures` (counts)
    and editions (a list): the publisher's own row where there is one; else, for the EPCI and the bassins de vie, the
    sum of the communes that have every measure, with their number (`communes`) and how many were due (`attendues`). -#}
{% macro comptes_par_territoire(relation, cles, mesures) -%}
  select niveau, code, {{ cles | join(', ') }}, {{ mesures | join(', ') }},
    0 as communes, 0 as attendues, editions
  from {{ relation }}
  union all
  select a.niveau, a.code, {% for cle in cles %}r.{{ cle }}, {% endfor %}
    {% for mesure in mesures %}{{ somme('r.' ~ mesure) }} as {{ mesure }}, {% endfor %}
    count(*) as communes, max(a.attendues) as attendues,
    list_sort(list_distinct(flatten(list(r.editions)))) as editions
  from {{ ref('int_appartenances') }} as a
  inner join {{ relation }} as r on r.niveau = 'commune' and r.code = a.code_commune
  where {% for mesure in mesures %}r.{{ mesure }} is not null{{ " and " if not loop.last }}{% endfor %}
    and not exists (
      select 1 from {{ relation }} as p
      where p.niveau = a.niveau and p.code = a.code
        {% for cle in cles %}and p.{{ cle }} = r.{{ cle }} {% endfor %}
    )
  group by a.niveau, a.code{% for cle in cles %}, r.{{ cle }}{% endfor %}
{%- endmacro %}

{#- Statut of a share: `secret` says that a count of it is suppressed. A sum over fewer communes is an estimate. -#}
{% macro statut_part(valeur, secret, communes, attendues) -%}
  case
    when {{ valeur }} is null then case when {{ secret }} then 'secret' else 'manquant' end
    when {{ communes }} < {{ attendues }} then 'estime'
    else 'definitif'
  end
{%- endmacro %}

{#- Notes of a share of census counts: coverage of a partial sum, and the publisher's own warning below 200 people. -#}
{% macro note_part(denominateur, communes, attendues) -%}
  concat_ws(' ',
    case when {{ communes }} < {{ attendues }} then {{ couverture('Sur', communes, attendues) }} end,
    case when {{ denominateur }} < 200
      then 'Effectif inférieur à 200 : à lire avec prudence, selon l’Insee.' end
  )
{%- endmacro %}
