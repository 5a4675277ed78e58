select
  genre,
  try_cast(nuit as date) as nuit,
  titre,
  source,
  auteur,
  try_cast(date as date) as date,
  _edition as edition
from {{ landed('referentiel', 'etapes') }}
order by nuit, genre
