-- Wind, sun, water and bioenergies produced in the region over the electricity it consumed, by civil month, in percent.
-- Only whole days count; a month that lacks some, or is not over, is provisional or estimated and says so.
with mois as (
  select code_region, date_trunc('month', jour) as debut,
    {{ somme('eolien_mwh + solaire_mwh + hydraulique_mwh + bioenergies_mwh') }} as renouvelable,
    {{ somme('eolien_mwh') }} as eolien,
    {{ somme('solaire_mwh') }} as solaire,
    {{ somme('consommation_mwh') }} as consommation,
    count(*) as jours,
    max(jour) as dernier,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_odre__mix_regional') }}
  where complet
  group by code_region, date_trunc('month', jour)
),

parts as (
  select *, '' as ventilation, renouvelable as part from mois
  union all
  select *, 'eolien', eolien from mois
  union all
  select *, 'solaire', solaire from mois
)

select
  'region' as territoire_niveau,
  code_region as territoire_code,
  strftime(debut, '%Y-%m') as periode,
  ventilation,
  100 * part / nullif(consommation, 0) as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case
    when part is null or consommation is null or consommation = 0 then 'manquant'
    when last_day(debut) >= cast('{{ var("nuit") }}' as date) then 'provisoire'
    when jours < day(last_day(debut)) then 'estime'
    else 'provisoire'
  end as statut,
  'recalcule' as nature,
  concat_ws(' ',
    case
      when last_day(debut) >= cast('{{ var("nuit") }}' as date)
        then 'Mois en cours : ' || jours || case when jours = 1 then ' jour complet.' else ' jours complets.' end
      when jours < day(last_day(debut)) then jours || ' jours complets sur ' || day(last_day(debut)) || '.'
    end,
    'Temps réel, consolidé plus tard par RTE.'
  ) as note,
  'éCO2mix temps réel'
    || case when last_day(debut) >= cast('{{ var("nuit") }}' as date)
      then ' au ' || strftime(dernier, '%Y-%m-%d') else ' ' || strftime(debut, '%Y-%m') end as millesime,
  ['odre/mix_regional'] as jeux,
  editions
from parts
order by territoire_code, periode, ventilation
