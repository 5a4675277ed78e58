-- What was published of each state, as it was known then: one row an indicator and a night on which it changed (its
-- state, its reason, its figure or what was expected). The state known on any night is the last row no later than it. The
-- rows of the predecessor are an input of the build and are never computed again, under any later figure or method.
with avant as (
  -- A second release of one night replaces what the first one said of that night.
  select * from {{ input('predecessor_history') }} where depuis < cast('{{ var("nuit") }}' as date)
),

derniers as (
  select * from avant
  qualify row_number() over (partition by indicateur, territoire_niveau, territoire_code order by depuis desc) = 1
),

ce_soir as (
  select indicateur, territoire_niveau, territoire_code, cast('{{ var("nuit") }}' as date) as depuis, etat, raison,
    coalesce(periode, '') as periode, valeur, attendu, ecart_norm, retard_trajectoire
  from {{ ref('fct_status') }}
)

select * from avant
union all by name
select c.*
from ce_soir as c
left join derniers as d
  on d.indicateur = c.indicateur and d.territoire_niveau = c.territoire_niveau and d.territoire_code = c.territoire_code
where d.indicateur is null
  or (d.etat, d.raison, d.periode) <> (c.etat, c.raison, c.periode)
  or d.valeur is distinct from c.valeur
  or d.attendu is distinct from c.attendu
order by indicateur, territoire_niveau, territoire_code, depuis
