-- Recorded domestic violence by territory and year. Two nomenclatures, never mixed: `actuelle` (violences physiques
-- intrafamiliales) and `ancienne` (coups et blessures volontaires intrafamiliaux, until the editions of 2024).
-- Communes are published or not (`ndiff`): what is not published is secret, not zero.
select
  niveau,
  code,
  annee,
  case when lower(indicateur) like 'violences physiques%' then 'actuelle' else 'ancienne' end as nomenclature,
  case when est_diffuse = 'ndiff' then null else nombre end as victimes,
  taux_pour_mille as taux,
  insee_pop as population,
  insee_pop_millesime as population_annee,
  complement_info_nombre as moyenne_non_diffusees,
  case
    when est_diffuse = 'ndiff' then 'secret'
    when nombre is null and taux_pour_mille is null then 'manquant'
    else 'definitif'
  end as statut,
  max(annee) over (partition by niveau) as edition_annee,
  _edition as edition
from {{ landed('ssmsi', 'delinquance') }}
order by niveau, code, annee, nomenclature
