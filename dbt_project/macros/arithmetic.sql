{#- Arithmetic whose result does not depend on the order of rows, hence of threads. -#}

{#- Exact sum: doubles are summed as DECIMAL with 6 decimals (a sum of doubles on two threads has no fixed result). -#}
{% macro somme(expression) -%}
  cast(sum(cast({{ expression }} as decimal(38, 6))) as double)
{%- endmacro %}

{#- Distinct editions of a group, sorted: the trace of an aggregated figure. -#}
{% macro editions_de(expression) -%}
  list_sort(list_distinct(list({{ expression }})))
{%- endmacro %}

{#- Bounds of a share by Wilson's method at 95 %, in percent: `k` among `n`. `sign`: '-' or '+'. None when it is no share
    (more than the whole, or of nothing): a root of a negative number would end the build of every other figure. -#}
{% macro wilson(k, n, sign) -%}
  case when {{ n }} > 0 and {{ k }} between 0 and {{ n }} * (1 + 1e-9) then
  100.0 * (
    (cast({{ k }} as double) / {{ n }} + 1.959964 * 1.959964 / (2 * {{ n }}))
    {{ sign }} 1.959964 * sqrt(
      cast({{ k }} as double) / {{ n }} * (1 - cast({{ k }} as double) / {{ n }}) / {{ n }}
      + 1.959964 * 1.959964 / (4.0 * {{ n }} * {{ n }})
    )
  ) / (1 + 1.959964 * 1.959964 / {{ n }})
  end
{%- endmacro %}

{#- Bounds of a count of events at 95 %, in events: the mean of a Poisson law of which `k` were seen, by Byar's
    approximation (DuckDB has no chi-square quantile; within 0.03 of an event of the exact bounds, a test holds it).
    Nothing seen has 0 as lower bound. For a rate, divide the bound by the population exactly as `k` is.
    `sign`: '-' or '+'. -#}
{% macro poisson(k, sign) -%}
  {%- if sign == '-' -%}
  case
    when {{ k }} = 0 then 0.0
    else cast({{ k }} as double) * power(
      1 - 1.0 / (9.0 * {{ k }}) - 1.959964 / (3.0 * sqrt(cast({{ k }} as double))), 3)
  end
  {%- else -%}
  (cast({{ k }} as double) + 1) * power(
    1 - 1.0 / (9.0 * ({{ k }} + 1)) + 1.959964 / (3.0 * sqrt(cast({{ k }} as double) + 1)), 3)
  {%- endif -%}
{%- endmacro %}
