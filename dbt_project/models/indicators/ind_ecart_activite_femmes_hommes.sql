-- Activity rate of men less that of women, 15 to 64. Bounds: Newcombe's, from the Wilson bounds of the two shares.
with paires as (
  select
    f.niveau, f.code, f.annee,
    m.taux - f.taux as ecart, m.taux as taux_h, f.taux as taux_f,
    {{ wilson('f.actifs', 'nullif(f.population, 0)', '-') }} as f_bas,
    {{ wilson('f.actifs', 'nullif(f.population, 0)', '+') }} as f_haut,
    {{ wilson('m.actifs', 'nullif(m.population, 0)', '-') }} as m_bas,
    {{ wilson('m.actifs', 'nullif(m.population, 0)', '+') }} as m_haut,
    least(f.population, m.population) as population,
    f.secret or m.secret as secret,
    least(f.communes, m.communes) as communes,
    greatest(f.attendues, m.attendues) as attendues,
    list_sort(list_distinct(list_concat(f.editions, m.editions))) as editions
  from {{ ref('int_rp_activite') }} as f
  inner join {{ ref('int_rp_activite') }} as m
    on m.niveau = f.niveau and m.code = f.code and m.annee = f.annee and m.sexe = 'M'
  where f.sexe = 'F'
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  '' as ventilation,
  ecart as valeur,
  case when niveau = 'commune'
    then ecart - sqrt(power(taux_h - m_bas, 2) + power(f_haut - taux_f, 2)) end as borne_basse,
  case when niveau = 'commune'
    then ecart + sqrt(power(m_haut - taux_h, 2) + power(taux_f - f_bas, 2)) end as borne_haute,
  {{ statut_part('ecart', 'secret', 'communes', 'attendues') }} as statut,
  'recalcule' as nature,
  {{ note_part('population', 'communes', 'attendues') }} as note,
  'Recensement ' || annee as millesime,
  ['insee/rp_activite'] as jeux,
  editions
from paires
order by territoire_niveau, territoire_code, periode
