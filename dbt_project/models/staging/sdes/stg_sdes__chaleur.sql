select
  annee,
  commune_code as code_commune,
  commune_libelle as nom,
  try_cast(livraison_brute as double) as livraison_mwh,
  nb_reseaux,
  case
    when lower(trim(livraison_brute)) = 'secret' then 'secret'
    when try_cast(livraison_brute as double) is null then 'manquant'
    else 'definitif'
  end as statut,
  _edition as edition,
  _nuit as nuit
from {{ landed('sdes', 'chaleur') }}
order by annee, code_commune
