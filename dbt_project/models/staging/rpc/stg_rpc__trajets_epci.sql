select
  territoryid as code_epci,
  annee,
  cast(valeur as bigint) as trajets,
  _edition as edition,
  _nuit as nuit
from {{ landed('rpc', 'trajets_epci') }}
order by code_epci, annee
