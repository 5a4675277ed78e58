-- The long national series that a territory's figure may be dated on: in which year did France have this level?
-- `lien` says how two sources of different levels are brought together: amounts by a ratio, rates by a difference.
-- Years before the last declared break of the series (`serie` in the stewards' breaks) are not comparable: left out.
with points as (
  select 'revenu_median_uc' as indicateur, 'retard_revenu_france' as page,
    'serie_revenu_france' as serie, 'rapport' as lien,
    'france_metropolitaine' as niveau, 'FM' as code, 'La France métropolitaine' as nom,
    annee, valeur, 'insee/niveau_vie_national' as jeu, edition
  from {{ ref('stg_insee__niveau_vie_national') }}
  where mesure = 'MED_SL'
  union all
  select 'taux_activite_femmes', 'retard_activite_femmes', 'serie_activite_france', 'difference', 'france', 'F',
    'La France', annee, valeur, 'insee/activite_nationale', edition
  from {{ ref('stg_insee__activite_nationale') }}
  where sexe = 'femmes'
),

coupures as (
  select indicateur as serie, max({{ decimal_year('periode') }}) as rupture
  from {{ ref('dim_rupture') }}
  group by indicateur
)

select p.*
from points as p
left join coupures as c on c.serie = p.serie
where c.rupture is null or p.annee >= c.rupture
order by p.indicateur, p.annee
