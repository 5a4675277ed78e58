-- Associations created by commune of the seat and year. A commune without any that year has no row: the file of the
-- département is whole, so its absence is a zero, which the models write.
select
  code_commune,
  annee,
  creations,
  date_etat,
  _edition as edition
from {{ landed('rna', 'creations') }}
order by code_commune, annee
