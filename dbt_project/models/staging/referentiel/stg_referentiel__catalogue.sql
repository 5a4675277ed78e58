select
  id,
  type,
  coalesce(parent, '') as parent,
  libelle,
  libelle_court,
  citation,
  source,
  ordre,
  _edition as edition
from {{ landed('referentiel', 'catalogue') }}
order by ordre, id
