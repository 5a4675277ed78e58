-- Changes of state against the predecessor release (its fct_status is an input of the build). A change has one cause,
-- looked for in this order: the trajectory, a new period, a revision of the same period, a deadline that passed
-- (nothing moved but the calendar), and what is left, a change of method.
with avant as (
  select indicateur, territoire_niveau, territoire_code, trajectoire, etat, raison, periode, valeur,
    json_extract_string(details, '$.trajectoire') as trajectoire_details
  from {{ input('predecessor_status') }}
),

-- One scalar, read once: was there a predecessor at all?
premiere as (
  select count(*) = 0 as premiere from avant
),

apres as (
  select *, json_extract_string(details, '$.trajectoire') as trajectoire_details from {{ ref('fct_status') }}
)

select
  n.indicateur,
  n.territoire_niveau,
  n.territoire_code,
  a.etat as etat_avant,
  n.etat as etat_apres,
  case
    when a.indicateur is null then 'premiere_publication'
    when coalesce(a.trajectoire_details, '') <> coalesce(n.trajectoire_details, '') then 'trajectoire'
    when coalesce(a.periode, '') <> coalesce(n.periode, '') then 'nouvelle_periode'
    when a.valeur is distinct from n.valeur then 'revision'
    when n.raison = 'observation_trop_ancienne' or a.raison = 'observation_trop_ancienne' then 'echeance'
    else 'methode'
  end as cause,
  a.periode as periode_avant,
  n.periode as periode_apres,
  a.valeur as valeur_avant,
  n.valeur as valeur_apres,
  p.premiere
from apres as n
cross join premiere as p
left join avant as a
  on a.indicateur = n.indicateur and a.territoire_niveau = n.territoire_niveau and a.territoire_code = n.territoire_code
where a.etat is distinct from n.etat
order by n.indicateur, n.territoire_niveau, n.territoire_code
