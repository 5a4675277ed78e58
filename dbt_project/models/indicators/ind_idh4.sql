-- IDH-4: the mean of three sub-indices, each placed between two frozen bounds (stewards' table `bornes_idh4`, which also
-- names the period of each component). Health: 1 - place of the mortality ratio; education: place of the share of
-- graduates; living standard: place of the logarithm of the median. A sub-index outside its bounds is cut at 0 or 1.
with bornes as (
  select annee, composante, periode, minimum, maximum, annee_bornes, edition
  from {{ ref('stg_referentiel__bornes_idh4') }}
),

effectifs as (
  select niveau, code, annee,
    {{ somme("case when diplome not in ('001T100_RP', '200_RP') then valeur end") }} as diplomes,
    {{ somme('valeur') }} as ensemble,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_insee__rp_diplomes') }}
  where niveau is not null
  group by niveau, code, annee
  -- A level without figure would pass for nobody.
  having count(*) = 7 and count(valeur) = 7
),

diplomes as (
  {{ comptes_par_territoire('effectifs', ['annee'], ['diplomes', 'ensemble']) }}
),

mesures as (
  select niveau, code, 'education' as composante, cast(annee as varchar) as periode,
    100 * diplomes / nullif(ensemble, 0) as mesure, false as partage, communes < attendues as partielle, editions
  from diplomes
  union all
  select territoire_niveau, territoire_code, 'sante', periode, valeur, note like 'Moins de 30%', note like 'Sur %',
    editions
  from {{ ref('ind_ratio_mortalite_standardise') }}
  union all
  select niveau, code, 'niveau_de_vie', cast(annee as varchar), valeur, false, false, [edition]
  from {{ ref('int_filosofi') }}
  where mesure = 'mediane' and valeur > 0
),

indices as (
  select m.niveau, m.code, b.annee, b.composante, m.partage, m.partielle,
    -- Rounded far beyond what is shown: a logarithm's last digits are the library's.
    round(greatest(0, least(1,
      case b.composante
        when 'sante' then 1 - (m.mesure - b.minimum) / (b.maximum - b.minimum)
        when 'education' then (m.mesure - b.minimum) / (b.maximum - b.minimum)
        else (ln(m.mesure) - ln(b.minimum)) / (ln(b.maximum) - ln(b.minimum))
      end)), 9) as indice,
    case b.composante
      when 'sante' then 'décès ' || replace(b.periode, '/', ' à ')
      when 'education' then 'recensement ' || b.periode
      else 'Filosofi ' || b.periode
    end as millesime,
    b.annee_bornes,
    list_append(m.editions, b.edition) as editions
  from bornes as b
  inner join mesures as m on m.composante = b.composante and m.periode = b.periode
  where m.mesure is not null
),

ensembles as (
  select niveau, code, annee,
    {{ somme('indice') }} / 3 as indice,
    bool_or(partage) as partage,
    bool_or(partielle) as partielle,
    string_agg(millesime, ', ' order by composante) as millesimes,
    list_sort(list_distinct(flatten(list(editions)))) as editions
  from indices
  group by niveau, code, annee
  having count(*) = 3
),

tout as (
  select niveau, code, annee, '' as ventilation, indice, partage, partielle, millesimes, editions from ensembles
  union all
  select i.niveau, i.code, i.annee, i.composante, i.indice, i.partage, i.partielle, i.millesime,
    list_sort(list_distinct(i.editions))
  from indices as i
  inner join ensembles as e on e.niveau = i.niveau and e.code = i.code and e.annee = i.annee
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  ventilation,
  indice as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when partage or partielle then 'estime' else 'definitif' end as statut,
  'recalcule' as nature,
  case
    when partage then 'Santé : moins de 30 décès en trois ans, mortalité du groupe des petites communes de l’agglomération.'
    when partielle then 'Une composante ne porte que sur une partie des communes.'
    else ''
  end as note,
  upper(substr(millesimes, 1, 1)) || substr(millesimes, 2) as millesime,
  ['insee/deces', 'insee/filosofi', 'insee/filosofi_fichiers', 'insee/rp_ages', 'insee/rp_diplomes',
   'referentiel/bornes_idh4', 'referentiel/taux_mortalite'] as jeux,
  editions
from tout
order by territoire_niveau, territoire_code, periode, ventilation
