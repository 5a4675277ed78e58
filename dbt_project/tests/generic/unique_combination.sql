{#- The key of a table: no two rows share it. -#}
{% test unique_combination(model, columns) %}
select {{ columns | join(', ') }}, count(*) as lignes
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
