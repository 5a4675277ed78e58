select
  code_insee_ban as code_commune,
  upper(trim(etiquette_dpe)) as etiquette,
  nombre,
  date_etat,
  _edition as edition,
  _nuit as nuit
from {{ landed('ademe_dpe', 'etiquettes') }}
order by code_commune, etiquette
