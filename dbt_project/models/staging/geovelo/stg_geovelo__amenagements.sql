-- One row a line of the base; `droite` and `gauche`: what runs on each side, in the words of the national schema.
select
  id_local as troncon,
  code_com_d as commune_droite,
  code_com_g as commune_gauche,
  upper(trim(coalesce(ame_d, ''))) as droite,
  upper(trim(coalesce(ame_g, ''))) as gauche,
  longueur_m,
  _edition as edition,
  _nuit as nuit
from {{ landed('geovelo', 'amenagements') }}
order by troncon
