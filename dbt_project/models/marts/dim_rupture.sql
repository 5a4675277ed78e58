select
  indicateur,
  periode,
  coalesce(motif, '') as motif,
  coalesce(source, '') as source,
  coalesce(auteur, '') as auteur,
  date
from {{ ref('stg_referentiel__ruptures') }}
order by indicateur, periode
