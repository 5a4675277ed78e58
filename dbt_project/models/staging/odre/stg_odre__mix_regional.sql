-- One row a day of the region. Powers (MW) were summed over the lines of the day: with a line a quarter of an hour,
-- four of them make a MWh. `complet`: every quarter-hour of the day, 92 to 100 of them, with its consumption.
select
  code_insee_region as code_region,
  date as jour,
  n_lignes,
  n_connues,
  n_lignes between 92 and 100 and n_connues = n_lignes as complet,
  somme_consommation / 4 as consommation_mwh,
  somme_eolien / 4 as eolien_mwh,
  somme_solaire / 4 as solaire_mwh,
  somme_hydraulique / 4 as hydraulique_mwh,
  somme_bioenergies / 4 as bioenergies_mwh,
  somme_nucleaire / 4 as nucleaire_mwh,
  somme_thermique / 4 as thermique_mwh,
  _edition as edition,
  _nuit as nuit
from {{ newest_per_key('odre', 'mix_regional', ['code_insee_region', 'date']) }}
order by code_region, jour
