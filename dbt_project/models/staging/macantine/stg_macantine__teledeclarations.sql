select
  year as annee,
  canteen_id as cantine,
  canteen_city_insee_code as code_commune,
  teledeclaration_ratio_bio as part_bio,
  teledeclaration_ratio_egalim_hors_bio as part_egalim_hors_bio,
  _edition as edition,
  _nuit as nuit
from {{ landed('macantine', 'teledeclarations') }}
order by annee, cantine
