select
  indicateur,
  periode,
  motif,
  source,
  auteur,
  try_cast(date as date) as date,
  _edition as edition
from {{ landed('referentiel', 'ruptures') }}
order by indicateur, periode
