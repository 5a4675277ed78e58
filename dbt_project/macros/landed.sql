{#- Reading what the landing room accepted. Nothing else in this project opens a file. -#}

{#- Rows of every accepted edition of one dataset, as decoded: the source's own columns plus _edition, _partition
    and _nuit. For an `instantane` dataset the landing room lists only the editions that count. -#}
{% macro landed(provider, name) -%}
  {%- set key = provider ~ '__' ~ name -%}
  {%- set files = var('landed').get(key, []) -%}
  {%- if execute and not files -%}
    {{ exceptions.raise_compiler_error(
        "No landed file for " ~ key ~ ": the variable `landed` must name at least one Parquet per dataset "
        ~ "(an empty one of the right schema when nothing was ever accepted).") }}
  {%- endif -%}
  read_parquet([{% for file in files %}'{{ file | replace("'", "''") }}'{{ ", " if not loop.last }}{% endfor %}], union_by_name = true)
{%- endmacro %}

{#- The same for a `cumulatif` dataset: all accepted editions, the newest night wins per key, then the newest
    edition of that night. -#}
{% macro newest_per_key(provider, name, keys) -%}
  (
    select * from {{ landed(provider, name) }}
    qualify row_number() over (
      partition by {{ keys | join(', ') }} order by _nuit desc, _sequence desc, _edition desc
    ) = 1
  )
{%- endmacro %}

{#- One of the tables that the landing room writes beside the editions (datasets, editions, indicators…). -#}
{% macro input(name) -%}
  read_parquet('{{ (var('inputs') ~ '/' ~ name ~ '.parquet') | replace("'", "''") }}')
{%- endmacro %}
