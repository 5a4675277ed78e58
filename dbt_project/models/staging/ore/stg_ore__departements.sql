-- The former series, closed in 2021. A suppressed cell is not in the figures: every total is a floor where there is one.
select
  annee,
  operateur,
  case
    when lower(filiere) like '%lectricit%' then 'electricite'
    when lower(filiere) = 'gaz' then 'gaz'
    else lower(filiere)
  end as energie,
  coalesce(code_departement, '') as code_departement,
  coalesce(code_region, '') as code_region,
  consoa as agriculture_mwh,
  consoi as industrie_mwh,
  consot as tertiaire_mwh,
  consor as residentiel_mwh,
  consona as non_affecte_mwh,
  consototale as total_mwh,
  nombre_mailles_secretisees as mailles_secretes,
  _edition as edition,
  _nuit as nuit
from {{ landed('ore', 'departements') }}
order by annee, code_departement, energie, operateur
