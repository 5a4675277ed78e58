-- Every territory that has figures: the EPCI and its references (observatoire.toml), the bassins de vie, the communes.
with references_ as (
  select niveau, code, nom, role, ordre from {{ input('territories') }}
),

bassins as (
  select 'bassin_de_vie' as niveau, bassin as code, max(nom) as nom, 'reference' as role,
    500 + row_number() over (order by bassin) as ordre
  from {{ ref('stg_referentiel__bassins_de_vie') }}
  group by bassin
),

communes as (
  select 'commune' as niveau, code_commune as code, nom, role,
    1000 + row_number() over (order by role, strip_accents(lower(nom)), code_commune) as ordre
  from {{ ref('int_communes') }}
)

select * from references_
union all
select * from bassins
union all
select * from communes
order by ordre, niveau, code
