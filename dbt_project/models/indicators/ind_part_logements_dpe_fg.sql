-- Share of labels F or G among the energy diagnoses of existing dwellings since July 2021. Bounds: Wilson 95 %, which
-- covers the small numbers, not the bias of the sample (dwellings sold or let).
with places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

comptes as (
  select p.niveau, p.code,
    max(e.date_etat) as date_etat,
    cast(sum(e.nombre) filter (where e.etiquette in ('F', 'G')) as bigint) as passoires,
    cast(sum(e.nombre) as bigint) as diagnostics,
    {{ editions_de('e.edition') }} as editions
  from places as p
  inner join {{ ref('stg_ademe_dpe__etiquettes') }} as e on e.code_commune = p.code_commune
  where e.etiquette in ('A', 'B', 'C', 'D', 'E', 'F', 'G')
  group by p.niveau, p.code
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  strftime(date_etat, '%Y-%m') as periode,
  '' as ventilation,
  case when diagnostics > 0 then 100.0 * coalesce(passoires, 0) / diagnostics end as valeur,
  case when diagnostics > 0 then {{ wilson('coalesce(passoires, 0)', 'diagnostics', '-') }} end as borne_basse,
  case when diagnostics > 0 then {{ wilson('coalesce(passoires, 0)', 'diagnostics', '+') }} end as borne_haute,
  case when diagnostics > 0 then 'definitif' else 'manquant' end as statut,
  'recalcule' as nature,
  {{ nombre_fr('diagnostics', 0) }} || case when diagnostics > 1 then ' diagnostics.' else ' diagnostic.' end
    || case when diagnostics < 30 then ' Effectif faible : à lire avec prudence.' else '' end as note,
  'Base DPE au ' || strftime(date_etat, '%Y-%m-%d') as millesime,
  ['ademe_dpe/etiquettes'] as jeux,
  editions
from comptes
order by territoire_niveau, territoire_code
