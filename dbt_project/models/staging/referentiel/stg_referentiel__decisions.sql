select
  portee,
  jeu,
  partition,
  regle,
  empreinte,
  decision,
  motif,
  auteur,
  try_cast(date as date) as date,
  _edition as edition
from {{ landed('referentiel', 'decisions') }}
order by portee, jeu, partition, regle, empreinte
