-- Which communes make which territory, for figures that may be recomputed: EPCI, and the stewards' bassins de vie.
-- `attendues` is the number of communes of the territory: a sum over fewer says so.
with membres as (
  select 'epci' as niveau, code_epci as code, code_commune from {{ ref('int_communes') }}
  union all
  select 'bassin_de_vie', b.bassin, b.code_commune
  from {{ ref('stg_referentiel__bassins_de_vie') }} as b
  inner join {{ ref('int_communes') }} as c on c.code_commune = b.code_commune
)

select niveau, code, code_commune, count(*) over (partition by niveau, code) as attendues
from membres
order by niveau, code, code_commune
