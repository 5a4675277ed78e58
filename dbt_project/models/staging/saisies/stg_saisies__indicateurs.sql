-- What stands of the services' deposits: per key the newest accepted file, and within one file its final figure.
select
  indicateur,
  territoire_niveau as niveau,
  territoire_code as code,
  periode,
  valeur,
  unite,
  statut,
  source,
  date_saisie,
  _edition as edition,
  _nuit as nuit
from {{ landed('saisies', 'indicateurs') }}
qualify row_number() over (
  partition by indicateur, territoire_niveau, territoire_code, periode
  order by _nuit desc, _sequence desc, _edition desc, (statut in ('provisoire', 'estime')), statut
) = 1
order by indicateur, niveau, code, periode
