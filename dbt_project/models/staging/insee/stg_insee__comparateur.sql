select
  codgeo as code_commune,
  variable as variable_source,
  -- `P18_LOG`: a census variable carries its vintage in two digits; `MED19` carries it at its end.
  coalesce(
    nullif(regexp_extract(variable, '^[PC](\d\d)_(.+)$', 2), ''),
    nullif(regexp_extract(variable, '^(MED|TP60)(\d\d)$', 1), ''),
    variable
  ) as mesure,
  2000 + coalesce(
    try_cast(regexp_extract(variable, '^[PC](\d\d)_(.+)$', 1) as integer),
    try_cast(regexp_extract(variable, '^(MED|TP60)(\d\d)$', 2) as integer)
  ) as annee,
  {{ insee_valeur('valeur_brute') }} as valeur,
  {{ insee_statut('valeur_brute', 'true') }} as statut,
  _edition as edition,
  _nuit as nuit
from {{ newest_per_key('insee', 'comparateur', ['codgeo', 'variable']) }}
order by code_commune, variable_source
