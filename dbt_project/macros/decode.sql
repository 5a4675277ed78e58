{#- Decoding of what publishers write instead of a number. Secret is not zero, and missing is not secret. -#}

{#- Insee files write `s` (secret), `so` (sans objet), `nd`/`ns` (not available, not significant), nothing (not
    published, until 2019 and in the comparateur), and decimals with a comma or a point. -#}
{% macro insee_valeur(brute) -%}
  try_cast(replace(replace(replace(trim({{ brute }}), ',', '.'), ' ', ''), chr(160), '') as double)
{%- endmacro %}

{#- Statut of a figure of an Insee file. `vide_secret`: SQL condition under which an empty cell is a suppression
    (Filosofi until 2019, comparateur), otherwise an empty cell is a missing figure. -#}
{% macro insee_statut(brute, vide_secret) -%}
  case
    when lower(trim({{ brute }})) = 's' then 'secret'
    when coalesce(trim({{ brute }}), '') = '' then case when {{ vide_secret }} then 'secret' else 'manquant' end
    when {{ insee_valeur(brute) }} is null then 'manquant'
    else 'definitif'
  end
{%- endmacro %}

{#- Statut of a Melodi observation: a suppressed value has no value and CONF_STATUS = C. There is no `s` there. -#}
{% macro melodi_statut(valeur, conf_status) -%}
  case
    when {{ conf_status }} = 'C' then 'secret'
    when {{ valeur }} is null then 'manquant'
    else 'definitif'
  end
{%- endmacro %}

{#- Level of the house for the level codes of Melodi and of Insee's files. -#}
{% macro niveau_insee(niveau, code) -%}
  case {{ niveau }}
    when 'COM' then 'commune'
    when 'EPCI' then 'epci'
    when 'ARR' then 'arrondissement'
    when 'ZE2020' then 'zone_emploi'
    when 'DEP' then 'departement'
    when 'REG' then 'region'
    when 'METROPOLE' then 'france_metropolitaine'
    when 'METRO' then 'france_metropolitaine'
    when 'FRANCE' then case when {{ code }} = 'FM' then 'france_metropolitaine' else 'france' end
  end
{%- endmacro %}

{#- Code of the house for the codes of Insee's files: metropolitan France is `FM` whatever the file calls it. -#}
{% macro code_insee(niveau, code) -%}
  case when {{ niveau }} in ('METROPOLE', 'METRO') then 'FM' else {{ code }} end
{%- endmacro %}
