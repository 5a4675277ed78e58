-- Nights that pages look back to. A barometer closes each year on 31 January (the yearly run, CLOSING in flows/night.py);
-- the three-yearly steps are held when the council decides, so stewards write their night (seeds/etapes.csv).
with bornes as (
  select min(depuis) as debut, cast('{{ var("nuit") }}' as date) as nuit from {{ ref('fct_status_history') }}
),

barometres as (
  select make_date(annee, 1, 31) as nuit, 'Baromètre ' || (annee - 1) as titre
  from (select unnest(generate_series(year(debut), year(nuit))) as annee from bornes)
)

select 'barometre' as genre, b.nuit, b.titre, 'Clôture de l’année, le 31 janvier' as source, '' as auteur,
  cast(null as date) as date
from barometres as b
inner join bornes as o on b.nuit >= o.debut and b.nuit <= o.nuit
union all by name
select e.genre, e.nuit, e.titre, e.source, e.auteur, e.date
from {{ ref('stg_referentiel__etapes') }} as e
inner join bornes as o on e.nuit <= o.nuit
order by nuit, genre
