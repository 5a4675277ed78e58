-- What an amount of a year must be multiplied by to be in the constant euros of Insee's long series. First Insee's own
-- deflator: the poverty threshold of a same year, written in constant and in current euros. For the years that the
-- long series does not reach, the consumer price index: its yearly mean against that of the year of the euros.
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
),

-- Whole years only: base 2015 (stopped at the end of 2025) and base 2025, never mixed in one ratio.
prix as (
  select idbank, cast(substr(periode, 1, 4) as integer) as annee, avg(cast(valeur as decimal(38, 6))) as indice,
    min(edition) as edition
  from {{ ref('stg_insee__bdm') }}
  where idbank in ('001759970', '011812231') and regexp_full_match(periode, '\d{4}-\d{2}') and valeur > 0
  group by idbank, annee
  having count(*) = 12
),

indices as (
  select p.annee, r.indice / p.indice as facteur, p.edition
  from prix as p
  inner join base as b on true
  inner join prix as r on r.idbank = p.idbank and r.annee = b.euros
  where p.annee not in (select annee from seuils)
  qualify row_number() over (partition by p.annee order by p.idbank desc) = 1
)

select s.annee, s.facteur, b.euros, 'seuils' as methode, ['insee/niveau_vie_national'] as jeux, [s.edition] as editions
from seuils as s
cross join base as b
union all
select i.annee, i.facteur, b.euros, 'prix', ['insee/bdm'], [i.edition]
from indices as i
cross join base as b
order by annee
