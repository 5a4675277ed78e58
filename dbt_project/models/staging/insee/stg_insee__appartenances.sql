-- EPCI of each commune on 1 January of each year; null when it was in none.
select
  annee,
  codgeo as code_commune,
  libgeo as nom,
  epci as code_epci,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'appartenances') }}
order by annee, code_commune
