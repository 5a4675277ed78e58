-- Social rented dwellings by commune and year of first letting. A commune without any that year has no row: the file of
-- the département is whole, so its absence is a zero, which the model writes.
select
  code_commune,
  annee,
  logements,
  millesime,
  _edition as edition
from {{ landed('rpls', 'mises_en_service') }}
order by code_commune, annee
