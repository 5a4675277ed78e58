select
  millesime as annee,
  code_commune_insee as code_commune,
  parcelles,
  surface_ha,
  _edition as edition,
  _nuit as nuit
from {{ landed('pac', 'parcelles_bio') }}
order by annee, code_commune
