-- The figures of each series, once: everything after this joins and sorts integers. `ordre` is their place in time.
select s.serie, o.periode, o.annee, {{ ordre_periode('o.annee', 'o.periode') }} as ordre, o.valeur, o.statut,
  o.borne_basse, o.borne_haute
from {{ ref('int_statut_suivis') }} as s
inner join {{ ref('fct_observation') }} as o
  on o.indicateur = s.indicateur and o.territoire_niveau = s.territoire_niveau
  and o.territoire_code = s.territoire_code and o.ventilation = s.ventilation and o.valeur is not null
