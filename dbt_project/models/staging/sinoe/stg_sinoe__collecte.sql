select
  annee,
  n_acteur as acteur,
  ratio_dma as dma,
  ratio_omr as omr,
  ratio_ejm as emballages,
  ratio_verre as verre,
  ratio_bio as biodechets,
  _edition as edition,
  _nuit as nuit
from {{ landed('sinoe', 'collecte') }}
order by annee, acteur
