select
  cast(time_period as integer) as annee,
  case sex when 'F' then 'femmes' when 'M' then 'hommes' when '_T' then 'ensemble' end as sexe,
  value as valeur,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'activite_nationale') }}
where measure = 'ACTRATE' and age = 'Y15T64' and value is not null
order by sexe, annee
