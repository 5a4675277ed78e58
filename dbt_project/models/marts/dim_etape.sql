-- Barometers and three-yearly steps: the nights whose states are looked back to.
select genre, nuit, titre, source, auteur, date
from {{ ref('stg_referentiel__etapes') }}
where nuit <= cast('{{ var("nuit") }}' as date)
order by nuit, genre
