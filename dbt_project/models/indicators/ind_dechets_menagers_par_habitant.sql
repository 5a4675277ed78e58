-- Waste collected by the authority that serves the EPCI, in its own ratio (kg per inhabitant of ITS perimeter). The own
-- EPCI is served by the SIAVED, a neighbour by itself: authorities have no official code in that base, only a name. Two
-- authorities that fit one EPCI in one year give no figure: choosing would be guessing.
with motifs as (
  select '{{ var("epci") }}' as code, 'siaved' as motif
  union all
  select code, lower(strip_accents(nom)) from {{ ref('int_territoires') }}
  where niveau = 'epci' and code <> '{{ var("epci") }}'
),

lignes as (
  select m.code, s.*, count(*) over (partition by m.code, s.annee) as candidats
  from motifs as m
  inner join {{ ref('stg_sinoe__collecte') }} as s on lower(strip_accents(s.acteur)) like '%' || m.motif || '%'
),

ventile as (
  select code, annee, acteur, edition, '' as ventilation, dma as valeur from lignes where candidats = 1
  union all
  select code, annee, acteur, edition, 'omr', omr from lignes where candidats = 1
  union all
  select code, annee, acteur, edition, 'emballages', emballages from lignes where candidats = 1
  union all
  select code, annee, acteur, edition, 'verre', verre from lignes where candidats = 1
  union all
  select code, annee, acteur, edition, 'biodechets', biodechets from lignes where candidats = 1
),

ouvertes as (
  select
    'epci' as territoire_niveau,
    code as territoire_code,
    cast(annee as varchar) as periode,
    ventilation,
    valeur,
    cast(null as double) as borne_basse,
    cast(null as double) as borne_haute,
    case when valeur is null then 'manquant' else 'definitif' end as statut,
    'publie' as nature,
    'Ratio de « ' || acteur || ' », sur tout son périmètre de collecte.' as note,
    'SINOE ' || annee as millesime,
    ['sinoe/collecte'] as jeux,
    [edition] as editions
  from ventile
)

{{ avec_saisies('dechets_menagers_par_habitant', 'ouvertes') }}
order by territoire_niveau, territoire_code, periode, ventilation
