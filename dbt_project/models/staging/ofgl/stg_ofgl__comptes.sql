select
  niveau,
  code,
  exer as annee,
  agregat,
  montant as montant_euros,
  ptot as population,
  euros_par_habitant,
  _edition as edition,
  _nuit as nuit
from {{ landed('ofgl', 'comptes') }}
order by niveau, code, annee, agregat
