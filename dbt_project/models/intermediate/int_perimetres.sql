-- Years in which an EPCI had other members than today's, in words. Series keep the members of today at every date
-- (constant perimeter), so that a change over time is never one of members: the note of a recomputed figure says who was
-- not there, or was, on 1 January of its year. A year of which the members are not known has no row.
with membres as (
  select a.annee, a.code_epci, a.code_commune
  from {{ ref('int_appartenances_annee') }} as a
  inner join {{ ref('int_communes') }} as c on c.code_commune = a.code_commune
),

annees as (
  select e.code_epci, a.annee,
    e.code_epci in (select m.code_epci from membres as m where m.annee = a.annee) as existait
  from (select distinct code_epci from {{ ref('int_communes') }}) as e
  cross join (select distinct annee from membres) as a
),

ecarts as (
  select n.code_epci, n.annee, n.existait,
    list(c.nom order by strip_accents(lower(c.nom)), c.code_commune)
      filter (where c.code_epci = n.code_epci and m.code_epci is distinct from n.code_epci) as absentes,
    list(c.nom order by strip_accents(lower(c.nom)), c.code_commune)
      filter (where c.code_epci <> n.code_epci and m.code_epci = n.code_epci) as parties
  from annees as n
  cross join {{ ref('int_communes') }} as c
  left join membres as m on m.annee = n.annee and m.code_commune = c.code_commune
  group by n.code_epci, n.annee, n.existait
)

select
  code_epci,
  annee,
  existait,
  coalesce(absentes, []) as absentes,
  coalesce(parties, []) as parties,
  'Périmètre actuel, à toutes les dates : ' || case
    when not existait then 'cette intercommunalité n’existait pas encore.'
    else concat_ws(' ; ',
      case when len(absentes) > 0 then array_to_string(absentes, ', ')
        || ', hors de l’intercommunalité au 1er janvier de l’année'
        || case when len(absentes) > 1 then ', sont comptées' else ', est comptée' end
      end,
      case when len(parties) > 0 then array_to_string(parties, ', ')
        || case when len(parties) > 1 then ', membres au 1er janvier de l’année, ne sont pas comptées'
          else ', membre au 1er janvier de l’année, n’est pas comptée' end
      end) || '.'
  end as note
from ecarts
where not existait or len(absentes) > 0 or len(parties) > 0
order by code_epci, annee
