select
  code_service,
  nom_service,
  code_commune,
  annee,
  rendement_pct as rendement,
  volume_m3,
  abonnes,
  conso_par_abonne_m3 as conso_par_abonne,
  _edition as edition,
  _nuit as nuit
from {{ landed('hubeau', 'services_eau') }}
order by code_service, code_commune, annee
