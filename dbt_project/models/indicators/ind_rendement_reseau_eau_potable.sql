-- Yield of the drinking-water networks, weighted by the volumes put into them: their ratio of sums, exactly, because
-- that volume is the denominator of the regulatory indicator. A service that did not declare is left out, and the share
-- of inhabitants whose service declared is said beside every figure.
with places as (
  select 'commune' as niveau, code_commune as code, code_commune, population from {{ ref('int_communes') }}
  union all
  select a.niveau, a.code, a.code_commune, c.population
  from {{ ref('int_appartenances') }} as a
  inner join {{ ref('int_communes') }} as c on c.code_commune = a.code_commune
),

habitants as (
  select niveau, code, sum(population) as population from places group by niveau, code
),

communes as (
  select p.niveau, p.code, s.annee, p.code_commune, max(p.population) as population,
    bool_or(s.rendement is not null) as repond
  from places as p
  inner join {{ ref('stg_hubeau__services_eau') }} as s on s.code_commune = p.code_commune
  group by p.niveau, p.code, s.annee, p.code_commune
),

reponses as (
  select niveau, code, annee, coalesce(sum(population) filter (where repond), 0) as repondante
  from communes
  group by niveau, code, annee
),

-- A service that serves several communes of a territory counts once there.
services as (
  select distinct p.niveau, p.code, s.annee, s.code_service, s.rendement, s.volume_m3, s.abonnes, s.conso_par_abonne,
    s.edition
  from places as p
  inner join {{ ref('stg_hubeau__services_eau') }} as s on s.code_commune = p.code_commune
),

moyennes as (
  select niveau, code, annee,
    count(*) as services,
    count(*) filter (where rendement is not null) as declares,
    case
      when count(*) = 1 then max(rendement)
      else {{ somme('rendement * volume_m3') }}
        / nullif({{ somme('case when rendement is not null then volume_m3 end') }}, 0)
    end as rendement,
    case
      when count(*) = 1 then max(conso_par_abonne)
      else {{ somme('conso_par_abonne * abonnes') }}
        / nullif({{ somme('case when conso_par_abonne is not null then abonnes end') }}, 0)
    end as conso,
    count(*) filter (where rendement is not null and volume_m3 is null) as sans_volume,
    {{ editions_de('edition') }} as editions
  from services
  group by niveau, code, annee
),

ventile as (
  select m.*, '' as ventilation, m.rendement as valeur from moyennes as m
  union all
  select m.*, 'conso_par_abonne', m.conso from moyennes as m
  union all
  select m.*, 'taux_reponse', 100.0 * r.repondante / h.population
  from moyennes as m
  inner join reponses as r on r.niveau = m.niveau and r.code = m.code and r.annee = m.annee
  inner join habitants as h on h.niveau = m.niveau and h.code = m.code
)

select
  v.niveau as territoire_niveau,
  v.code as territoire_code,
  cast(v.annee as varchar) as periode,
  v.ventilation,
  v.valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case
    when v.valeur is null then 'manquant'
    when v.ventilation <> 'taux_reponse' and v.declares < v.services then 'estime'
    else 'definitif'
  end as statut,
  case when v.niveau = 'commune' and v.services = 1 and v.ventilation <> 'taux_reponse' then 'publie'
    else 'recalcule' end as nature,
  concat_ws(' ',
    case when v.ventilation <> 'taux_reponse' then
      v.declares || case when v.declares > 1 then ' services déclarants sur ' else ' service déclarant sur ' end
        || v.services || ' (' || {{ nombre_fr('100.0 * r.repondante / h.population', 0) }} || ' % des habitants).' end,
    case when v.ventilation <> 'taux_reponse' and v.services > 1 and v.sans_volume > 0
      then v.sans_volume || ' sans volume connu, non pondéré.' end
  ) as note,
  'SISPEA ' || v.annee as millesime,
  ['hubeau/services_eau', 'insee/populations'] as jeux,
  v.editions
from ventile as v
inner join reponses as r on r.niveau = v.niveau and r.code = v.code and r.annee = v.annee
inner join habitants as h on h.niveau = v.niveau and h.code = v.code
where v.ventilation <> 'taux_reponse' or v.niveau <> 'commune'
order by territoire_niveau, territoire_code, ventilation, periode
