select
  {{ niveau_insee('niveau', 'codgeo') }} as niveau,
  niveau as niveau_source,
  {{ code_insee('niveau', 'codgeo') }} as code,
  annee,
  mesure,
  {{ insee_valeur('valeur_brute') }} as valeur,
  -- Until 2019 a suppressed cell is empty; from 2020 it is written `s` and an empty cell is a missing figure.
  {{ insee_statut('valeur_brute', 'annee <= 2019') }} as statut,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'filosofi_fichiers') }}
order by niveau, code, annee, mesure
