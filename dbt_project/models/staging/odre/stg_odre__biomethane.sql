-- Capacity of the sites that inject biomethane, GWh a year: what they may inject, not what they injected.
select
  id_unique_projet as projet,
  code_commune,
  commune as nom,
  code_epci,
  code_dep as code_departement,
  code_reg as code_region,
  date_de_mes as mise_en_service,
  capacite_de_production_gwh_an as capacite_gwh,
  _edition as edition,
  _nuit as nuit
from {{ landed('odre', 'biomethane') }}
order by code_commune, projet
