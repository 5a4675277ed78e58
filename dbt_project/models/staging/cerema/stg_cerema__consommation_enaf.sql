select
  idcom as code_commune,
  idcomtxt as nom,
  epci25 as code_epci,
  annee,
  naf_m2 as flux_m2,
  surfcom_m2 as surface_m2,
  _edition as edition,
  _nuit as nuit
from {{ landed('cerema', 'consommation_enaf') }}
order by code_commune, annee
