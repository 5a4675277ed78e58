-- Euros per inhabitant as OFGL publishes them, else the amount over OFGL's own population. The newest financial year may
-- still be completed: provisional. Equipment and grants are parts of investment, never added to it.
with mesures as (
  select niveau, code, annee,
    case agregat
      when 'Dépenses d''investissement' then ''
      when 'Dépenses d''équipement' then 'equipement'
      when 'Subventions d''équipement versées' then 'subventions'
    end as ventilation,
    coalesce(euros_par_habitant, montant_euros / nullif(population, 0)) as valeur,
    euros_par_habitant is not null as publie,
    edition
  from {{ ref('stg_ofgl__comptes') }}
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  ventilation,
  valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case
    when valeur is null then 'manquant'
    when annee = max(annee) over () then 'provisoire'
    else 'definitif'
  end as statut,
  case when publie then 'publie' else 'recalcule' end as nature,
  case when annee = max(annee) over () then 'Dernier exercice publié, provisoire.' else '' end as note,
  'OFGL, exercice ' || annee as millesime,
  ['ofgl/comptes'] as jeux,
  [edition] as editions
from mesures
where ventilation is not null
order by territoire_niveau, territoire_code, ventilation, periode
