-- Job seekers registered in categories A, B, C, by commune of residence. Each number is rounded to 5 (n stands for n-2 to
-- n+2): sums of communes are approximate, and say by how much.
with places as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

comptes as (
  select p.niveau, p.code, d.periode,
    {{ somme('d.demandeurs') }} as demandeurs,
    count(d.demandeurs) as communes,
    max(p.attendues) as attendues,
    {{ editions_de('d.edition') }} as editions
  from places as p
  inner join {{ ref('stg_dares__demandeurs_emploi') }} as d on d.code_commune = p.code_commune
  group by p.niveau, p.code, d.periode
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  periode,
  '' as ventilation,
  demandeurs as valeur,
  greatest(demandeurs - 2 * communes, 0) as borne_basse,
  demandeurs + 2 * communes as borne_haute,
  case
    when demandeurs is null then 'manquant'
    when communes < attendues then 'estime'
    else 'definitif'
  end as statut,
  case when niveau = 'commune' then 'publie' else 'recalcule' end as nature,
  concat_ws(' ',
    case
      when demandeurs is null then 'Non publié.'
      when niveau = 'commune' then 'Arrondi à 5 par la Dares.'
      else 'Somme de nombres arrondis à 5 : exacte à ' || 2 * communes || ' près au plus.'
    end,
    case when communes < attendues and communes > 0 then {{ couverture('Somme de', 'communes', 'attendues') }} end
  ) as note,
  'Dares et France Travail, ' || periode as millesime,
  ['dares/demandeurs_emploi'] as jeux,
  editions
from comptes
order by territoire_niveau, territoire_code, periode
