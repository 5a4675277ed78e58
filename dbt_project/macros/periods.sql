{#- Periods in SQL: the same rules as flows/core/periods.py (a test compares the two). -#}

{#- Last day of a period written in one of the five forms; null when it is none of them. -#}
{% macro end_of(p) -%}
  case
    when regexp_full_match({{ p }}, '\d{4}') then make_date(cast({{ p }} as integer), 12, 31)
    when regexp_full_match({{ p }}, '\d{4}/\d{4}') then make_date(cast(substr({{ p }}, 6, 4) as integer), 12, 31)
    when regexp_full_match({{ p }}, '\d{4}-T[1-4]')
      then last_day(make_date(cast(substr({{ p }}, 1, 4) as integer), 3 * cast(substr({{ p }}, 7, 1) as integer), 1))
    when regexp_full_match({{ p }}, '\d{4}-(0[1-9]|1[0-2])')
      then last_day(make_date(cast(substr({{ p }}, 1, 4) as integer), cast(substr({{ p }}, 6, 2) as integer), 1))
    when regexp_full_match({{ p }}, '\d{4}-\d{2}-\d{2}') then try_cast({{ p }} as date)
  end
{%- endmacro %}

{#- Position of a period on a yearly axis: whole years are integers, 2021-T3 is 2021.5, 2021-07 is 2021.5. -#}
{% macro decimal_year(p) -%}
  case
    when regexp_full_match({{ p }}, '\d{4}') then cast({{ p }} as double)
    when regexp_full_match({{ p }}, '\d{4}/\d{4}') then cast(substr({{ p }}, 6, 4) as double)
    when regexp_full_match({{ p }}, '\d{4}-T[1-4]')
      then cast(substr({{ p }}, 1, 4) as double) + (cast(substr({{ p }}, 7, 1) as double) - 1) / 4
    when regexp_full_match({{ p }}, '\d{4}-(0[1-9]|1[0-2])')
      then cast(substr({{ p }}, 1, 4) as double) + (cast(substr({{ p }}, 6, 2) as double) - 1) / 12
    when regexp_full_match({{ p }}, '\d{4}-\d{2}-\d{2}')
      then cast(substr({{ p }}, 1, 4) as double) + (cast(dayofyear(try_cast({{ p }} as date)) as double) - 1)
        / case when dayofyear(make_date(cast(substr({{ p }}, 1, 4) as integer), 12, 31)) = 366 then 366 else 365 end
  end
{%- endmacro %}

{#- First year that a period covers (a rolling window covers several), on the yearly axis. -#}
{% macro start_year(p) -%}
  case
    -- Only a window has a bar in its fifth place; this runs on millions of figures.
    when substr({{ p }}, 5, 1) = '/' then cast(substr({{ p }}, 1, 4) as double)
    else {{ decimal_year(p) }}
  end
{%- endmacro %}

{#- What a period must share with another to be compared year on year: its quarter, its month, its day. -#}
{% macro season(p) -%}
  case when substr({{ p }}, 5, 1) = '/' then '' else substr({{ p }}, 5) end
{%- endmacro %}
