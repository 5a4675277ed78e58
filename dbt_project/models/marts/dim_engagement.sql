select
  id,
  type,
  parent,
  libelle,
  coalesce(libelle_court, '') as libelle_court,
  coalesce(citation, '') as citation,
  coalesce(source, '') as source,
  cast(ordre as bigint) as ordre
from {{ ref('stg_referentiel__catalogue') }}
order by ordre, id
