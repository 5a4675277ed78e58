-- Share of private dwellings vacant for more than two years on 1 January 2021, by commune; dwellings of 2022 beside it.
-- An empty cell of that file is secret.
select
  comm_insee as code_commune,
  2021 as annee,
  nb_log_pp_2022 as logements,
  prop_logvac_pp_2a_010121 as part,
  case when prop_logvac_pp_2a_010121 is null then 'secret' else 'definitif' end as statut,
  _edition as edition
from {{ landed('lovac', 'parts_communes') }}
order by code_commune
