select
  annee,
  code_commune,
  nom_commune as nom,
  code_epci,
  operateur,
  case
    when lower(filiere) like '%lectricit%' then 'electricite'
    when lower(filiere) = 'gaz' then 'gaz'
    else lower(filiere)
  end as energie,
  upper(coalesce(nullif(trim(code_grand_secteur), ''), 'INCONNU')) as secteur,
  code_categorie_consommation as categorie,
  nb_sites,
  conso_totale_mwh as consommation_mwh,
  coalesce(nombre_de_mailles_secretisees, 0) as mailles_secretes,
  -- An empty total beside suppressed cells is a secret, never a zero. A line may also carry a total (a floor)
  -- together with suppressed cells: it keeps its value and its count of cells.
  case
    when conso_totale_mwh is null and coalesce(nombre_de_mailles_secretisees, 0) > 0 then 'secret'
    when conso_totale_mwh = 0 and coalesce(nombre_de_mailles_secretisees, 0) > 0 then 'secret'
    when conso_totale_mwh is null then 'manquant'
    else 'definitif'
  end as statut,
  _edition as edition,
  _nuit as nuit
from {{ landed('ore', 'consommation') }}
order by annee, code_commune, energie, secteur, operateur, categorie, consommation_mwh
