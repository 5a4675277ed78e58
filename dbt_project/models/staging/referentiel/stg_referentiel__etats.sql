select
  indicateur,
  periode,
  etat,
  motif,
  auteur,
  try_cast(date as date) as date,
  try_cast(valide_au as date) as valide_au,
  _edition as edition
from {{ landed('referentiel', 'etats') }}
order by indicateur, periode
