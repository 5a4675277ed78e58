select
  niveau,
  code,
  date_etat,
  etablissements,
  _edition as edition,
  _nuit as nuit
from {{ newest_per_key('sirene', 'ess', ['niveau', 'code', 'date_etat']) }}
order by niveau, code, date_etat
