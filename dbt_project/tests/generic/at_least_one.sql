{#- The table has at least one row that satisfies `condition` (a check that an empty table cannot pass). -#}
{% test at_least_one(model, condition) %}
select 'aucune ligne' as manque
where not exists (select 1 from {{ model }} where {{ condition }})
{% endtest %}
