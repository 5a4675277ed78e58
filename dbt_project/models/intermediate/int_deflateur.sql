-- What an amount of a year must be multiplied by to be in the constant euros of Insee's long series. First Insee's own
-- deflator: the poverty threshold of a same year, written in constant and in current euros.
with seuils as (
  select c.annee, c.valeur / n.valeur as facteur, c.edition
  from {{ ref('stg_insee__niveau_vie_national') }} as c
  inner join {{ ref('stg_insee__niveau_vie_national') }} as n
    on n.annee = c.annee and n.mesure = 'PT_MD60_CURR_PR' and n.valeur > 0
  where c.mesure = 'PT_MD60_CONST_PR'
),

-- The series is in the euros of the year in which both thresholds are the same figure.
base as (
  select annee as euros from seuils where abs(facteur - 1) < 0.0005 order by annee desc limit 1
)

select
  s.annee,
  s.facteur,
  b.euros,
  'seuils' as methode,
  ['insee/niveau_vie_national'] as jeux,
  [s.edition] as editions
from seuils as s
cross join base as b
order by s.annee
