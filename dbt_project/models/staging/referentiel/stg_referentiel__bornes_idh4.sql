select
  annee,
  composante,
  periode,
  minimum,
  maximum,
  annee_bornes,
  _edition as edition
from {{ landed('referentiel', 'bornes_idh4') }}
order by annee, composante
