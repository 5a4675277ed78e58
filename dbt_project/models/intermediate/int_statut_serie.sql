-- The series that a status judges: figures of the same season as the newest one (quarter with quarter), after the last
-- break, each with the trajectory of its own year and its residual (share of the scale, > 0 is worse).
with observations as (
  select i.indicateur, i.d, i.echelle, i.forme, i.trajectoire, i.base_annee, i.rupture,
    o.periode, o.annee, {{ start_year('o.periode') }} as debut, o.valeur, o.statut
  from {{ ref('int_statut_indicateurs') }} as i
  inner join {{ ref('fct_observation') }} as o
    on o.indicateur = i.indicateur and o.territoire_niveau = i.territoire_niveau
    and o.territoire_code = i.territoire_code and o.ventilation = i.ventilation and o.valeur is not null
  where {{ season('o.periode') }} = i.saison and (i.rupture is null or o.annee >= i.rupture)
),

attendus as (
  select o.indicateur, o.periode, {{ valeur_attendue('s', 'o.annee') }} as attendu
  from observations as o
  inner join {{ ref('int_trajectoire_segments') }} as s
    on s.trajectoire = o.trajectoire and o.annee >= s.a1 and o.annee <= s.a2
  qualify row_number() over (partition by o.indicateur, o.periode order by s.a1 desc, s.a2) = 1
),

residus as (
  select o.*, a.attendu,
    o.valeur - a.attendu as ecart,
    -o.d * (o.valeur - a.attendu) / o.echelle as residu
  from observations as o
  left join attendus as a on a.indicateur = o.indicateur and a.periode = o.periode
)

select *,
  row_number() over (partition by indicateur order by annee desc, periode desc) as rang,
  case when residu is not null
    then row_number() over (partition by indicateur, residu is not null order by annee desc, periode desc) end as rang_compare
from residus
order by indicateur, annee, periode
