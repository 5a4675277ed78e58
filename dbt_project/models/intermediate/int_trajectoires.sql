-- Every decision of the stewards, with what is computed from the data (a base that is a sum of figures, or a gap to the
-- comparison territory), the scale and tolerance used, and whether it can be evaluated. `manque_calcule` says in French
-- what is missing. For a `division`, the base is a yearly pace and the target the whole ceiling.
with sommes as (
  select t.trajectoire,
    {{ somme('o.valeur') }} as somme,
    count(*) as annees,
    max(cast(regexp_extract(t.base_calcul, '^somme_(\d{4})_(\d{4})$', 2) as integer)
      - cast(regexp_extract(t.base_calcul, '^somme_(\d{4})_(\d{4})$', 1) as integer) + 1) as annees_attendues
  from {{ ref('stg_referentiel__trajectoires') }} as t
  inner join {{ ref('fct_observation') }} as o
    on o.indicateur = t.indicateur and o.territoire_niveau = t.territoire_niveau
    and o.territoire_code = t.territoire_code and o.ventilation = '' and o.valeur is not null
    and o.periode between regexp_extract(t.base_calcul, '^somme_(\d{4})_(\d{4})$', 1)
      and regexp_extract(t.base_calcul, '^somme_(\d{4})_(\d{4})$', 2)
    and regexp_full_match(o.periode, '\d{4}')
  where regexp_full_match(t.base_calcul, 'somme_\d{4}_\d{4}')
  group by t.trajectoire
),

-- The gap of the base year: the newest figure of that year that both territories have.
ecarts as (
  select t.trajectoire, arg_max(round(o.valeur - c.valeur, 6), {{ ordre_periode('o.annee', 'o.periode') }}) as ecart
  from {{ ref('stg_referentiel__trajectoires') }} as t
  inner join {{ ref('fct_observation') }} as o
    on o.indicateur = t.indicateur and o.territoire_niveau = t.territoire_niveau
    and o.territoire_code = t.territoire_code and o.ventilation = '' and o.valeur is not null
    and floor(o.annee) = t.base_annee
  inner join {{ ref('fct_observation') }} as c
    on c.indicateur = t.indicateur and c.territoire_niveau = t.comparateur_niveau
    and c.territoire_code = t.comparateur_code and c.ventilation = '' and c.valeur is not null
    and c.periode = o.periode
  where t.forme = 'convergence' and t.base_calcul = 'ecart_comparateur'
  group by t.trajectoire
),

bases as (
  select t.* replace (
    coalesce(
      t.base_valeur,
      e.ecart,
      case when s.annees = s.annees_attendues
        then round(case when t.forme = 'division' then s.somme / s.annees else s.somme end, 6) end
    ) as base_valeur
  )
  from {{ ref('stg_referentiel__trajectoires') }} as t
  left join sommes as s on s.trajectoire = t.trajectoire
  left join ecarts as e on e.trajectoire = t.trajectoire
),

-- Ceiling of a divided pace: each stretch runs from the year before it to its own last year, at base / divisor.
etapes as (
  select trajectoire, base_valeur, base_annee,
    try_cast(trim(split_part(etape, ':', 1)) as double) as annee,
    try_cast(trim(split_part(etape, ':', 2)) as double) as diviseur
  from (
    select trajectoire, base_valeur, base_annee, unnest(string_split(replace(points, ',', '.'), '|')) as etape
    from bases
    where forme = 'division' and points is not null
  )
),

troncons as (
  select *, coalesce(lag(annee) over (partition by trajectoire order by annee), base_annee) as annee_avant
  from etapes
),

plafonds as (
  -- In the order of the years, unrounded: the curve of int_trajectoire_segments ends at this very number.
  select trajectoire, sum(base_valeur / diviseur * (annee - annee_avant) order by annee) as plafond
  from troncons
  group by trajectoire
),

cibles as (
  select b.* replace (
    coalesce(
      b.cible_valeur,
      round(b.cible_part_base * b.base_valeur, 6),
      p.plafond,
      -- « Refermer l’écart » says nothing else than a gap of zero.
      case when b.forme = 'convergence' then 0.0 end
    ) as cible_valeur
  )
  from bases as b
  left join plafonds as p on p.trajectoire = b.trajectoire
),

echelles as (
  select
    * replace (
      coalesce(tolerance, 0.05) as tolerance,
      coalesce(
        echelle,
        case
          -- The road of a cumulative ceiling starts at zero; that of a yearly pace is what should be done by the newest
          -- figure (int_statut_indicateurs), a threshold is its own scale.
          when forme in ('budget_cumule', 'division', 'seuil', 'rythme') then nullif(abs(cible_valeur), 0)
          when forme in ('sens', 'aucune') then null
          else nullif(abs(cible_valeur - base_valeur), 0)
        end
      ) as echelle
    )
  from cibles
)

select
  *,
  concat_ws(' ',
    manque,
    case when manque is null and forme in {{ formes_tracees() }} and cible_valeur is null then 'La valeur de la cible.' end,
    case when manque is null and forme in {{ formes_tracees() }} and forme not in ('seuil', 'rythme')
        and not (forme = 'convergence' and cible_annee is null) and base_valeur is null
      then 'La valeur de départ.' end,
    case when manque is null and forme in {{ formes_tracees() }} and forme <> 'seuil'
        and not (forme = 'convergence' and cible_annee is null) and base_annee is null
      then 'L’année de départ.' end,
    case when manque is null and forme in {{ formes_tracees() }} and forme not in ('seuil', 'rythme', 'convergence')
        and cible_annee is null
      then 'L’échéance.' end,
    case when manque is null and forme = 'convergence' and comparateur_code is null
      then 'Le territoire auquel se comparer.' end,
    case when manque is null and cible_annee <= base_annee and forme <> 'rythme'
      then 'Une échéance postérieure à l’année de départ.' end,
    case when manque is null and forme = 'geometrique' and (base_valeur <= 0 or cible_valeur <= 0)
      then 'Deux valeurs positives, sans lesquelles une trajectoire géométrique n’existe pas.' end
  ) as manque_calcule,
  coalesce(valide_du <= cast('{{ var("nuit") }}' as date), true)
    and coalesce(valide_au >= cast('{{ var("nuit") }}' as date), true) as en_vigueur
from echelles
order by trajectoire
