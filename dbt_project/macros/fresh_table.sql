{#- A table of a release is built once, in a new file: there is no older table to keep readable meanwhile. The adapter's
    own materialization builds beside, renames and drops what it replaced, which for two hundred small tables costs more
    than computing them. A table that is there already (a developer's second run) is dropped first. -#}
{% materialization table, adapter="duckdb", supported_languages=['sql'] %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target = this.incorporate(type='table') -%}
  {% if existing is not none %}{% do adapter.drop_relation(existing) %}{% endif %}
  {% call statement('main') -%}
    {{ create_table_as(False, target, compiled_code, 'sql') }}
  {%- endcall %}
  {% do adapter.commit() %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}
