-- Death rates of France for 1,000 people, by sex and five-year band (`tranche` named as in the census).
select
  annee,
  sexe,
  case when age_min = 95 then 'Y_GE95' else 'Y' || age_min || 'T' || (age_min + 4) end as tranche,
  taux,
  _edition as edition
from {{ landed('referentiel', 'taux_mortalite') }}
order by annee, sexe, age_min
