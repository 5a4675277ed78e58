select
  cast(time_period as integer) as annee,
  measure as mesure,
  value as valeur,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'niveau_vie_national') }}
where value is not null
order by mesure, annee
