-- Places of formal childcare for 100 children under three, as CNAF publishes them: by EPCI, département, France, and by
-- commune above 10,000 inhabitants. A rate is never recomputed from others; the other communes say that none exists.
with publies as (
  select niveau, case when niveau = 'france' then 'F' else code end as code, annee, edition,
    unnest(['', 'eaje', 'assistantes_maternelles', 'prescolarisation', 'garde_domicile']) as ventilation,
    unnest([taux_global, taux_eaje, taux_assistantes_maternelles, taux_prescolarisation, taux_garde_domicile])
      as taux
  from {{ ref('stg_caf__accueil_jeune_enfant') }}
),

annees as (
  select annee, {{ editions_de('edition') }} as editions from publies where niveau = 'epci' group by annee
),

absentes as (
  select 'commune' as niveau, c.code_commune as code, a.annee, '' as ventilation, cast(null as double) as taux,
    a.editions
  from {{ ref('int_communes') }} as c
  cross join annees as a
  where not exists (
    select 1 from publies as p where p.niveau = 'commune' and p.code = c.code_commune and p.annee = a.annee
  )
),

tout as (
  select niveau, code, annee, ventilation, taux, [edition] as editions from publies
  where ventilation = '' or taux is not null
  union all
  select * from absentes
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  ventilation,
  taux as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when taux is null then 'manquant' else 'definitif' end as statut,
  'publie' as nature,
  case
    when taux is null and niveau = 'commune' then 'Publié seulement pour les communes de plus de 10 000 habitants.'
    when niveau = 'france' then 'France hors Mayotte.'
    else ''
  end as note,
  'Cnaf, ' || annee as millesime,
  ['caf/accueil_jeune_enfant'] as jeux,
  editions
from tout
order by territoire_niveau, territoire_code, ventilation, periode
