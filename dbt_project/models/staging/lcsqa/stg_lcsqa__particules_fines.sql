select
  code_site,
  nom_site as nom,
  code_commune,
  lower(strip_accents(type_influence)) as influence,
  jour,
  n_heures,
  n_valides,
  somme_ug_m3,
  _edition as edition,
  _nuit as nuit
from {{ newest_per_key('lcsqa', 'particules_fines', ['code_site', 'jour']) }}
order by code_site, jour
