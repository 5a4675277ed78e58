select
  id_indicateur,
  niveau,
  code,
  date as jour,
  valeur,
  unite,
  _edition as edition,
  _nuit as nuit
from {{ landed('ditp', 'barometre') }}
order by id_indicateur, niveau, code, jour
