select
  jeu,
  cle,
  colonne,
  valeur_attendue,
  valeur_corrigee,
  motif,
  auteur,
  try_cast(date as date) as date,
  _edition as edition
from {{ landed('referentiel', 'corrections') }}
order by jeu, cle, colonne
