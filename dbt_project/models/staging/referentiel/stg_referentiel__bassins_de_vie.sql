select
  bassin,
  nom,
  code_commune,
  source,
  auteur,
  try_cast(date as date) as date,
  _edition as edition
from {{ landed('referentiel', 'bassins_de_vie') }}
order by bassin, code_commune
