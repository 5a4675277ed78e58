-- Sectors of the climate plans, tonnes. The year inventoried is not published: only the day of the last change is.
select
  'region' as niveau,
  code,
  name as nom,
  case code_pcaet
    when '5' then 'agriculture'
    when '6' then 'routier'
    when '7' then 'autres_transports'
    when '34' then 'residentiel_tertiaire'
    when '219' then 'industrie_energie_dechets'
  end as secteur,
  ges as ges_tonnes,
  date_maj as mise_a_jour,
  _edition as edition,
  _nuit as nuit
from {{ landed('atmo', 'emissions_regions') }}
order by code, secteur
