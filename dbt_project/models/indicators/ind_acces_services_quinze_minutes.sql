-- Inhabitants of squares with at least one place of every family of the basket within 1 km as the crow flies, among
-- the inhabitants of squares; then one breakdown a family. A family without any source makes no figure, never a zero.
with places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

base as (select max(annee) as bpe from {{ ref('stg_insee__bpe_points') }}),

comptes as (
  select p.niveau, p.code,
    {{ somme('c.habitants') }} as habitants,
    {{ somme('case when list_has_all(c.familles, ' ~ familles_panier() ~ ') then c.habitants else 0 end') }} as panier
    {%- for famille in familles_panier() %},
    {{ somme("case when list_contains(c.familles, '" ~ famille ~ "') then c.habitants else 0 end") }} as {{ famille }}
    {%- endfor %},
    any_value(c.sourcees) as sourcees,
    any_value(c.editions_services) as editions,
    max(c.annee) as carreaux
  from places as p
  inner join {{ ref('int_carreaux_acces') }} as c on c.code_commune = p.code_commune
  group by p.niveau, p.code
),

ventile as (
  unpivot comptes on panier, {{ familles_panier() | join(', ') }} into name ventilation value servis
),

juge as (
  select *,
    case ventilation
      when 'panier' then list_has_all(sourcees, {{ familles_panier() }})
      else list_contains(sourcees, ventilation)
    end as connu
  from ventile
)

select
  v.niveau as territoire_niveau,
  v.code as territoire_code,
  cast(b.bpe as varchar) as periode,
  case v.ventilation when 'panier' then '' else v.ventilation end as ventilation,
  case when v.connu then 100 * v.servis / v.habitants end as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when v.connu then 'definitif' else 'manquant' end as statut,
  'recalcule' as nature,
  case when v.connu then '' else 'Une famille de services du panier n’a aucune source reçue.' end as note,
  'Équipements ' || b.bpe || ', carreaux ' || v.carreaux as millesime,
  ['anct/france_services', 'insee/bpe_points', 'insee/carreaux', 'transport/arrets'] as jeux,
  v.editions
from juge as v
cross join base as b
where b.bpe is not null and v.habitants > 0
order by territoire_niveau, territoire_code, ventilation
