-- One figure per territory, year and measure out of the two ways Filosofi is published. The API (Melodi) wins over the
-- files of the same year: it is the one republished on the current communes. A secret is never replaced by a figure of
-- the other way: it would undo the suppression.
with api as (
  select niveau, code, cast(periode as integer) as annee,
    case mesure when 'MED_SL' then 'mediane' when 'PR_MD60' then 'pauvrete' end as mesure,
    valeur, statut, 'Filosofi ' || periode || ' (Melodi)' as millesime, 'insee/filosofi' as jeu, edition, 1 as rang
  from {{ ref('stg_insee__filosofi') }}
  where mesure in ('MED_SL', 'PR_MD60') and regexp_full_match(periode, '\d{4}')
),

fichiers as (
  select niveau, code, annee,
    case mesure when 'MED' then 'mediane' when 'TP60' then 'pauvrete' end as mesure,
    valeur, statut, 'Filosofi ' || annee || ' (fichier)' as millesime, 'insee/filosofi_fichiers' as jeu, edition,
    2 as rang
  from {{ ref('stg_insee__filosofi_fichiers') }}
  where mesure in ('MED', 'TP60')
),

toutes as (
  select * from api
  union all
  select * from fichiers
)

select niveau, code, annee, mesure, valeur, statut, millesime, jeu, edition
from toutes
where niveau is not null
qualify row_number() over (
  partition by niveau, code, annee, mesure order by statut = 'manquant', rang, edition
) = 1
order by niveau, code, annee, mesure
