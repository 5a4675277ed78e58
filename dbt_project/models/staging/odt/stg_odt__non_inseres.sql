-- Shares of the Observatoire des territoires; what is not written as a number is a marker in words.
select
  {{ niveau_insee('niveau', 'codgeo') }} as niveau,
  codgeo as code,
  an as annee,
  {{ insee_valeur('valeur_brute') }} as part,
  case
    when {{ insee_valeur('valeur_brute') }} is not null then 'definitif'
    when lower(valeur_brute) like '%secret%' then 'secret'
    else 'manquant'
  end as statut,
  _edition as edition,
  _nuit as nuit
from {{ landed('odt', 'non_inseres') }}
order by niveau, code, annee
