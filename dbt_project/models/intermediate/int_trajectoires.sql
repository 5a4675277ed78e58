-- Every decision of the stewards, with what is computed from the data (a base that is a sum of observations), the
-- scale and tolerance used, and whether it can be evaluated. `manque_calcule` says in French what is missing.
with calculs as (
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

bases as (
  select
    t.* replace (coalesce(t.base_valeur, case when c.annees = c.annees_attendues then round(c.somme, 6) end) as base_valeur)
  from {{ ref('stg_referentiel__trajectoires') }} as t
  left join calculs as c on c.trajectoire = t.trajectoire
),

cibles as (
  select * replace (coalesce(cible_valeur, round(cible_part_base * base_valeur, 6)) as cible_valeur)
  from bases
),

echelles as (
  select
    * replace (
      coalesce(tolerance, 0.05) as tolerance,
      coalesce(
        echelle,
        case
          -- The road of a cumulative budget starts at zero.
          when forme = 'budget_cumule' then nullif(abs(cible_valeur), 0)
          when forme in ('seuil', 'rythme') then nullif(abs(cible_valeur), 0)
          else nullif(abs(cible_valeur - base_valeur), 0)
        end
      ) as echelle
    )
  from cibles
)

select
  *,
  concat_ws(' ',
    case when manque is not null then manque end,
    case when manque is null and cible_valeur is null then 'La valeur de la cible.' end,
    case when manque is null and forme not in ('seuil', 'rythme') and base_valeur is null
      then 'La valeur de départ.' end,
    case when manque is null and forme not in ('seuil', 'rythme') and base_annee is null
      then 'L’année de départ.' end,
    case when manque is null and forme not in ('seuil', 'rythme') and cible_annee is null
      then 'L’échéance.' end,
    case when manque is null and cible_annee <= base_annee then 'Une échéance postérieure à l’année de départ.' end,
    case when manque is null and forme = 'geometrique' and (base_valeur <= 0 or cible_valeur <= 0)
      then 'Deux valeurs positives, sans lesquelles une trajectoire géométrique n’existe pas.' end
  ) as manque_calcule,
  coalesce(valide_du <= cast('{{ var("nuit") }}' as date), true)
    and coalesce(valide_au >= cast('{{ var("nuit") }}' as date), true) as en_vigueur
from echelles
order by trajectoire
