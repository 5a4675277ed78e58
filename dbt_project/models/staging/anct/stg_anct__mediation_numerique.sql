select
  id as lieu,
  code_insee as code_commune,
  nom,
  lower(coalesce(itinerance, '')) like '%itin%' as itinerant,
  date_maj as mise_a_jour,
  _edition as edition,
  _nuit as nuit
from {{ landed('anct', 'mediation_numerique') }}
order by lieu
