-- « friche potentielle » is a site of an old register that nobody verified: a state of its own, never inventory.
select
  site_id,
  comm_insee as code_commune,
  case site_statut
    when 'friche reconvertie' then 'reconvertie'
    when 'friche avec projet' then 'avec_projet'
    when 'friche sans projet' then 'sans_projet'
    when 'friche potentielle' then 'potentielle'
  end as etat,
  site_surface as surface_m2,
  site_reconv_annee as annee_reconversion,
  date_etat,
  _edition as edition,
  _nuit as nuit
from {{ landed('cartofriches', 'sites') }}
order by site_id
