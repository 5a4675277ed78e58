{#- French words that models write: notes and reasons. A reader sees them, so grammar counts. -#}

{#- « Somme de 45 communes sur 47. » -#}
{% macro couverture(debut, communes, attendues) -%}
  '{{ debut }} ' || {{ communes }} || case when {{ communes }} > 1 then ' communes sur ' else ' commune sur ' end
    || {{ attendues }} || '.'
{%- endmacro %}

{#- A number as French readers write it: decimal comma, narrow no-break space between thousands. `decimales` may be
    an expression. -#}
{% macro nombre_fr(x, decimales) -%}
  replace(replace(
    replace(format('{:,.' || cast({{ decimales }} as varchar) || 'f}', cast({{ x }} as double)), ',', '_'),
    '.', ','), '_', chr(8239))
{%- endmacro %}

{#- French name of a month given as a number. -#}
{% macro mois_fr(mois) -%}
  ['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre',
   'décembre'][{{ mois }}]
{%- endmacro %}

{#- A date as French readers write it: « 1er janvier 2026 ». -#}
{% macro date_fr(d) -%}
  day({{ d }}) || case when day({{ d }}) = 1 then 'er ' else ' ' end || {{ mois_fr('month(' ~ d ~ ')') }}
    || ' ' || year({{ d }})
{%- endmacro %}

{#- A period as a reader says it, the same words as flows/core/periods.in_french (a test compares the two). -#}
{% macro periode_fr(p) -%}
  case
    when regexp_full_match({{ p }}, '\d{4}/\d{4}') then replace({{ p }}, '/', ' à ')
    when regexp_full_match({{ p }}, '\d{4}-T[1-4]')
      then substr({{ p }}, 7, 1) || case substr({{ p }}, 7, 1) when '1' then 'er' else 'e' end || ' trimestre '
        || substr({{ p }}, 1, 4)
    when regexp_full_match({{ p }}, '\d{4}-(0[1-9]|1[0-2])')
      then {{ mois_fr('cast(substr(' ~ p ~ ', 6, 2) as integer)') }} || ' ' || substr({{ p }}, 1, 4)
    when regexp_full_match({{ p }}, '\d{4}-\d{2}-\d{2}') then {{ date_fr('try_cast(' ~ p ~ ' as date)') }}
    else {{ p }}
  end
{%- endmacro %}

{#- The same as a complement of time: « En 2021 », « Au 3e trimestre 2021 », « De 2018 à 2022 », « Le 1er juin 2021 ». -#}
{% macro dans_periode(p) -%}
  case
    when regexp_full_match({{ p }}, '\d{4}/\d{4}') then 'De '
    when regexp_full_match({{ p }}, '\d{4}-T[1-4]') then 'Au '
    when regexp_full_match({{ p }}, '\d{4}-\d{2}-\d{2}') then 'Le '
    else 'En '
  end || {{ periode_fr(p) }}
{%- endmacro %}
