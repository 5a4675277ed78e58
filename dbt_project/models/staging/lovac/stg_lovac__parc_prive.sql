-- Private dwellings by territory and year: total, vacant for more than two years. `s` is secret (fewer than 11).
select
  niveau,
  code,
  annee,
  max(try_cast(valeur_brute as double)) filter (where mesure = 'pp_total') as logements,
  max(try_cast(valeur_brute as double)) filter (where mesure = 'pp_vacant_plus_2ans') as vacants_2ans,
  coalesce(bool_or(valeur_brute = 's') filter (where mesure <> 'pp_vacant'), false) as secret,
  _edition as edition
from {{ landed('lovac', 'parc_prive') }}
group by niveau, code, annee, _edition
order by niveau, code, annee
