-- Deposits as they may be published: in the catalogue's unit, small counts withheld, and with them what would give
-- them back by subtraction from a total. Every withheld figure carries the same note: which one was small is not said.
--
-- For an indicator with a threshold, a figure from 1 to threshold - 1 is withheld (nought is said), and so is what a
-- service withholds itself. Withheld children of an EPCI whose total is said are protected when they are at least two
-- and their sum is at least the threshold, more than their number (all ones would be read from it) and less than it
-- would be if each were just under the threshold. Otherwise the next smallest child is withheld too; without any, the total is; and when the total is public elsewhere (open data
-- completed by deposits) every child is. Communes first, then bassins de vie: one that holds a withheld commune is
-- withheld, because with its other communes it would give that one back.
with deposees as (
  select s.indicateur, s.niveau, s.code, s.periode, s.unite, s.statut as statut_depose, s.source, s.date_saisie,
    s.edition, i.saisie, nullif(i.saisie_seuil, 0) as seuil, s.valeur,
    {{ unite_pliee('s.unite') }} <> {{ unite_pliee("coalesce(nullif(i.saisie_unite, ''), i.unite)") }} as autre_unite
  from {{ ref('stg_saisies__indicateurs') }} as s
  inner join {{ ref('dim_indicator') }} as i on i.indicateur = s.indicateur
  where i.saisie in ('partielle', 'oui')
),

-- A figure in a unit that the catalogue has left behind is no figure of this indicator.
marquees as (
  select * replace (case when not autre_unite then valeur end as valeur),
    not autre_unite and valeur is not null as connue,
    statut_depose = 'secret' or (not autre_unite and seuil is not null and valeur > 0 and valeur < seuil) as tue_brut
  from deposees
),

premieres as (
  select *, coalesce(tue_brut, false) as tue from marquees
),

communes as (
  select code_commune as code, code as epci, attendues as attendus
  from {{ ref('int_appartenances') }} where niveau = 'epci'
),

bassins as (
  select code, epci, count(*) over (partition by epci) as attendus
  from (
    select distinct b.code, c.epci
    from {{ ref('int_appartenances') }} as b
    inner join communes as c on c.code = b.code_commune
    where b.niveau = 'bassin_de_vie'
  )
),

tour_communes as (
  select * from {{ saisies_a_taire('premieres', 'communes', 'commune') }}
),

apres_communes as (
  select p.* replace (
    p.tue
      or exists (
        select 1 from tour_communes as t
        where t.indicateur = p.indicateur and t.periode = p.periode
          and ((p.niveau = 'commune' and t.code = p.code)
            or (p.niveau = 'epci' and t.code is null and not t.total_ailleurs and t.epci = p.code)
            or (p.niveau = 'commune' and t.code is null and t.total_ailleurs
              and p.code in (select c.code from communes as c where c.epci = t.epci)))
      ) as tue
  )
  from premieres as p
),

avec_bassins as (
  select a.* replace (
    a.tue
      or (a.niveau = 'bassin_de_vie' and exists (
        select 1
        from apres_communes as c
        inner join {{ ref('int_appartenances') }} as m on m.code_commune = c.code
        where c.niveau = 'commune' and c.tue and c.indicateur = a.indicateur and c.periode = a.periode
          and c.seuil is not null and m.niveau = 'bassin_de_vie' and m.code = a.code
      )) as tue
  )
  from apres_communes as a
),

tour_bassins as (
  select * from {{ saisies_a_taire('avec_bassins', 'bassins', 'bassin_de_vie') }}
),

decidees as (
  select a.* replace (
    a.statut_depose <> 'manquant' and not a.autre_unite and (
      a.tue
      or exists (
        select 1 from tour_bassins as t
        where t.indicateur = a.indicateur and t.periode = a.periode
          and ((a.niveau = 'bassin_de_vie' and t.code = a.code)
            or (a.niveau = 'epci' and t.code is null and not t.total_ailleurs and t.epci = a.code)
            or (a.niveau = 'bassin_de_vie' and t.code is null and t.total_ailleurs
              and a.code in (select b.code from bassins as b where b.epci = t.epci)))
      )
    ) as tue
  )
  from avec_bassins as a
)

select
  indicateur,
  niveau,
  code,
  periode,
  case when not tue then valeur end as valeur,
  case when tue then 'secret' when autre_unite then 'manquant' else statut_depose end as statut,
  case
    when tue and seuil is not null
      then 'Effectif trop petit, ou qui permettrait d’en retrouver un : il n’est pas publié.'
    when tue then 'Le service qui dépose ce chiffre demande qu’il ne soit pas publié.'
    when autre_unite then 'Déposé dans une autre unité (' || unite || ') : à déposer à nouveau.'
    else ''
  end as note,
  source || ', saisie du ' || {{ date_fr('date_saisie') }} as millesime,
  edition
from decidees
order by indicateur, niveau, code, periode
