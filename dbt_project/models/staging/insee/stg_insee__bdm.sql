select
  idbank,
  titre,
  -- `FM`, `D59`, `R32`; France without Mayotte is the France of these series.
  case
    when ref_area = 'FM' then 'france_metropolitaine'
    when ref_area in ('FR-D976', 'FE', 'FR') then 'france'
    when regexp_full_match(ref_area, 'D\d[\dAB]') then 'departement'
    when regexp_full_match(ref_area, 'R\d\d') then 'region'
  end as niveau,
  case
    when ref_area = 'FM' then 'FM'
    when ref_area in ('FR-D976', 'FE', 'FR') then 'F'
    when regexp_full_match(ref_area, '[DR]\d[\dAB]') then substr(ref_area, 2)
  end as code,
  periode,
  valeur,
  case
    when valeur is null then 'manquant'
    when obs_status in ('P', 'SD') then 'provisoire'
    else 'definitif'
  end as statut,
  _edition as edition,
  _nuit as nuit
from {{ landed('insee', 'bdm') }}
order by idbank, periode
