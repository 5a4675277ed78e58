select
  annee,
  date_fichier,
  nom,
  ville,
  code_postal,
  longitude,
  latitude,
  _edition as edition,
  _nuit as nuit
from {{ landed('tiers_lieux', 'recensement') }}
order by nom, code_postal, ville
