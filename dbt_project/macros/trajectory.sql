{#- Formulae of trajectories (docs/methods in the catalogue of trajectory methods, §8, §10 and §12). -#}

{#- T(t) on a segment `s` (columns forme, a1, v1, a2, v2) at the year `t`. -#}
{% macro valeur_attendue(s, t) -%}
  case
    when {{ s }}.v1 = {{ s }}.v2 or {{ t }} = {{ s }}.a1 then {{ s }}.v1
    when {{ t }} = {{ s }}.a2 then {{ s }}.v2
    when {{ s }}.forme = 'paliers' then {{ s }}.v1
    when {{ s }}.forme = 'geometrique'
      then {{ s }}.v1 * power({{ s }}.v2 / {{ s }}.v1, ({{ t }} - {{ s }}.a1) / ({{ s }}.a2 - {{ s }}.a1))
    else {{ s }}.v1 + ({{ s }}.v2 - {{ s }}.v1) * ({{ t }} - {{ s }}.a1) / ({{ s }}.a2 - {{ s }}.a1)
  end
{%- endmacro %}

{#- T⁻¹(y) on a segment that contains the value `y`: the year at which that value was due (§8). -#}
{% macro annee_due(s, y) -%}
  case
    when {{ s }}.forme = 'geometrique'
      then {{ s }}.a1 + ({{ s }}.a2 - {{ s }}.a1) * ln({{ y }} / {{ s }}.v1) / ln({{ s }}.v2 / {{ s }}.v1)
    else {{ s }}.a1 + ({{ s }}.a2 - {{ s }}.a1) * ({{ y }} - {{ s }}.v1) / ({{ s }}.v2 - {{ s }}.v1)
  end
{%- endmacro %}

{#- +1 when a rise is wanted, -1 when a fall is, null otherwise. -#}
{% macro sens(polarite) -%}
  case {{ polarite }} when 'hausse' then 1 when 'baisse' then -1 end
{%- endmacro %}
