-- The inventory has one vintage, 2016; the partition says so.
select
  insee_commune as code_commune,
  commune as nom,
  _partition as annee,
  agriculture,
  autres_transports,
  dechets,
  energie,
  industrie_hors_energie,
  residentiel,
  routier,
  tertiaire,
  autres_transports_international as hors_total_transports_internationaux,
  co2_biomasse_hors_total as hors_total_biomasse,
  _edition as edition,
  _nuit as nuit
from {{ landed('ges', 'inventaire_communal') }}
order by code_commune
