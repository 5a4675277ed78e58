{#- Columns that are never null, in one query a model: a test each would cost every night more than it tells. -#}
{% test required(model, columns) %}
select
  {% for column in columns %}case when {{ column }} is null then '{{ column }} ' else '' end{{ " || " if not loop.last }}{% endfor %} as manquantes,
  *
from {{ model }}
where {% for column in columns %}{{ column }} is null{{ " or " if not loop.last }}{% endfor %}
{% endtest %}
