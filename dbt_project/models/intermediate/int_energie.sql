-- Distributed electricity and gas by commune, year and energy (MWh), with the gas of power stations set apart:
-- it is burnt to make electricity, it is not final consumption (the stations are declared in dbt_project.yml).
with marque as (
  select
    s.*,
    {% if var('centrales_gaz') -%}
    coalesce(
      s.energie = 'gaz' and s.secteur <> 'RESIDENTIEL'
      and (
        {%- for c in var('centrales_gaz') %}
        (s.code_commune = '{{ c.code_commune }}' and s.consommation_mwh >= {{ c.seuil_mwh }}){{ " or" if not loop.last }}
        {%- endfor %}
      ),
      false
    )
    {%- else -%} false {%- endif %} as centrale
  from {{ ref('stg_ore__consommation') }} as s
)

select
  code_commune,
  annee,
  case when centrale then 'gaz_centrale_exclue' else energie end as energie,
  {{ somme("case when statut = 'definitif' then consommation_mwh end") }} as consommation_mwh,
  cast(sum(mailles_secretes) as bigint) as mailles_secretes,
  cast(count(*) filter (where statut = 'definitif') as bigint) as lignes_connues,
  {{ editions_de('edition') }} as editions
from marque
where energie in ('electricite', 'gaz')
group by code_commune, annee, case when centrale then 'gaz_centrale_exclue' else energie end
order by code_commune, annee, energie
