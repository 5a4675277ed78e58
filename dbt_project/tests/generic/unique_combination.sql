{#- The key of a table: no two rows share it; and columns that are never null (`required`). One query for both: a test
    each would cost every night more than it tells. -#}
{% test unique_combination(model, columns, required=[]) %}
select 'clé répétée' as ecart, {{ columns | join(" || ' / ' || ") }} as cle
from (select {% for column in columns %}coalesce(cast({{ column }} as varchar), '') as {{ column }}{{ ", " if not loop.last }}{% endfor %} from {{ model }})
group by {{ columns | join(', ') }}
having count(*) > 1
{%- for column in required %}
union all
select 'vide : {{ column }}', {% for name in columns %}coalesce(cast({{ name }} as varchar), ''){{ " || ' / ' || " if not loop.last }}{% endfor %}
from {{ model }} where {{ column }} is null
{%- endfor %}
{% endtest %}
