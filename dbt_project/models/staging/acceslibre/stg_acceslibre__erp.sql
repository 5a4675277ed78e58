-- Establishments as contributors described them. `entree_decrite`: at least one of the three questions on the entrance
-- has an answer.
select
  id as etablissement,
  code_insee as code_commune,
  activite,
  entree_plain_pied as plain_pied,
  entree_plain_pied is not null or entree_marches is not null or entree_largeur_mini is not null as entree_decrite,
  _edition as edition,
  _nuit as nuit
from {{ landed('acceslibre', 'erp') }}
order by etablissement
