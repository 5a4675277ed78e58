-- Share of the women of 15 to 64 who are active (employed or looking for a job); details: men, and both together.
select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  case sexe when 'F' then '' when 'M' then 'hommes' else 'ensemble' end as ventilation,
  taux as valeur,
  -- A commune's census is an estimate: bounds of a share, as if its people had been drawn one by one.
  case when niveau = 'commune' and population > 0 then {{ wilson('actifs', 'population', '-') }} end as borne_basse,
  case when niveau = 'commune' and population > 0 then {{ wilson('actifs', 'population', '+') }} end as borne_haute,
  {{ statut_part('taux', 'secret', 'communes', 'attendues') }} as statut,
  'recalcule' as nature,
  {{ note_part('population', 'communes', 'attendues') }} as note,
  'Recensement ' || annee as millesime,
  ['insee/rp_activite'] as jeux,
  editions
from {{ ref('int_rp_activite') }}
order by territoire_niveau, territoire_code, periode, ventilation
