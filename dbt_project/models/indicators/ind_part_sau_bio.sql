-- Organic area over agricultural area. Numerator: parcels declared to the PAC, where they LIE. Denominator: the area of
-- farms of the 2020 census, in the commune of their SEAT. The two rules cancel out over an EPCI, roughly; never over a
-- commune, where only the organic area is shown. References: the share published by the State, of all organic land.
with places as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

annees as (
  select annee, {{ editions_de('edition') }} as editions from {{ ref('stg_pac__parcelles_bio') }} group by annee
),

bio as (
  select p.niveau, p.code, a.annee, max(p.attendues) as attendues,
    coalesce(sum(cast(b.surface_ha as decimal(38, 6))), 0) as surface,
    max(a.editions) as editions
  from places as p
  cross join annees as a
  left join {{ ref('stg_pac__parcelles_bio') }} as b on b.code_commune = p.code_commune and b.annee = a.annee
  group by p.niveau, p.code, a.annee
),

sau as (
  select p.niveau, p.code, max(s.annee) as annee_sau,
    sum(cast(s.sau_ha as decimal(38, 6))) as surface,
    count(*) as communes,
    {{ editions_de('s.edition') }} as editions
  from places as p
  inner join {{ ref('stg_agreste__sau_communes') }} as s on s.code_commune = p.code_commune
  where s.sau_ha is not null
  group by p.niveau, p.code
),

ensemble as (
  select b.niveau, b.code, b.annee, '' as ventilation,
    100.0 * cast(b.surface as double) / nullif(cast(s.surface as double), 0) as valeur,
    'estime' as statut,
    'Parcelles déclarées à la PAC, dans leur commune, rapportées à la surface agricole de ' || s.annee_sau
      || ', dans la commune du siège. ' || {{ couverture('Surface agricole connue de', 's.communes', 'b.attendues') }}
      as note,
    'PAC ' || b.annee || ', recensement agricole ' || s.annee_sau as millesime,
    ['agreste/sau_communes', 'pac/parcelles_bio'] as jeux,
    list_sort(list_distinct(list_concat(b.editions, s.editions))) as editions
  from bio as b
  inner join sau as s on s.niveau = b.niveau and s.code = b.code
  where b.niveau <> 'commune'
  union all
  select niveau, code, annee, 'surface_bio', cast(surface as double), 'definitif', '',
    'PAC ' || annee, ['pac/parcelles_bio'], editions
  from bio
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  ventilation,
  valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  statut,
  'recalcule' as nature,
  note,
  millesime,
  jeux,
  editions
from ensemble
union all
select
  niveau,
  code,
  cast(year(jour) as varchar),
  '',
  valeur,
  cast(null as double),
  cast(null as double),
  case when valeur is null then 'manquant' else 'definitif' end,
  'publie',
  'Toutes les surfaces certifiées ou en conversion, et non les seules parcelles déclarées à la PAC.',
  'Baromètre des résultats de l’action publique, ' || year(jour),
  ['ditp/barometre'],
  [edition]
from {{ ref('stg_ditp__barometre') }}
where id_indicateur = 'surface-agriculture-biologique'
order by territoire_niveau, territoire_code, ventilation, periode
