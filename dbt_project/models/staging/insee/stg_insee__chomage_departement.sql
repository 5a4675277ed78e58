select
  case code when 'FM' then 'france_metropolitaine' when 'F' then 'france' else 'departement' end as niveau,
  code,
  libelle as nom,
  periode,
  taux as valeur,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'chomage_departement') }}
order by niveau, code, periode
