select
  id_fs as structure,
  lib_fs as nom,
  insee_com as code_commune,
  longitude,
  latitude,
  format_fs <> 'Fixe' as itinerante,
  labellisation_fs as labellisee_le,
  date_liste,
  _edition as edition,
  _nuit as nuit
from {{ landed('anct', 'france_services') }}
order by structure
