-- Figures of the EPCI and of the territories compared that are not what the predecessor release said (its etat/ is an
-- input of the build). One cause a figure, the first that holds: a period that was not there, or more of an unfinished
-- one; a steward's correction that came, changed or went; other members of the EPCI; another model or decoder, or other
-- figures out of the very same editions; what is left, the publisher's revision. When a method and the data change the
-- same night they cannot be told apart: the method is said, so that no noise of the source is measured on it.
with avant as (
  select * from {{ input('predecessor_compared') }}
),

-- What the figures are made by, where it is not what it was.
change as (
  select coalesce(a.genre, n.genre) as genre, coalesce(a.cle, n.cle) as cle
  from {{ input('predecessor_context') }} as a
  full outer join {{ input('context') }} as n on n.genre = a.genre and n.cle = a.cle
  where a.empreinte is distinct from n.empreinte
),

-- An indicator that the predecessor did not compute has nothing to revise.
connus as (
  select indicateur, max(annee) as derniere from avant group by indicateur
),

dernieres as (
  select indicateur, territoire_niveau, territoire_code, ventilation, max(annee) as derniere
  from avant
  group by indicateur, territoire_niveau, territoire_code, ventilation
),

apres as (
  select o.*
  from {{ ref('fct_observation') }} as o
  where o.territoire_niveau not in ('commune', 'bassin_de_vie') and o.indicateur in (select indicateur from connus)
),

paires as (
  select
    coalesce(n.indicateur, a.indicateur) as indicateur,
    coalesce(n.territoire_niveau, a.territoire_niveau) as territoire_niveau,
    coalesce(n.territoire_code, a.territoire_code) as territoire_code,
    coalesce(n.periode, a.periode) as periode,
    coalesce(n.ventilation, a.ventilation) as ventilation,
    a.indicateur is null as nouvelle,
    n.annee,
    a.valeur as valeur_avant,
    n.valeur as valeur_apres,
    a.jusqu_au is not null and a.jusqu_au is distinct from n.jusqu_au as inachevee,
    coalesce(n.jeux, a.jeux) as jeux,
    coalesce(a.editions = n.editions, false) as memes_editions
  from avant as a
  full outer join apres as n
    on n.indicateur = a.indicateur and n.territoire_niveau = a.territoire_niveau
    and n.territoire_code = a.territoire_code and n.periode = a.periode and n.ventilation = a.ventilation
  where a.valeur is distinct from n.valeur
)

select
  p.indicateur,
  p.territoire_niveau,
  p.territoire_code,
  coalesce(t.nom, '') as territoire,
  p.periode,
  p.ventilation,
  p.valeur_avant,
  p.valeur_apres,
  -- Both are already rounded: their difference is, to a hair of floating point.
  round(p.valeur_apres - p.valeur_avant, 6) as ecart,
  case
    when p.inachevee or (p.nouvelle and p.annee > coalesce(d.derniere, c.derniere)) then 'nouvelle_periode'
    when list_has_any(p.jeux, (select coalesce(list(cle), []) from change where genre = 'correction')) then 'correction'
    when p.territoire_niveau in ('epci', 'groupe')
      and p.territoire_code in (select cle from change where genre = 'perimetre') then 'perimetre'
    when p.memes_editions or p.indicateur in (select cle from change where genre = 'methode') then 'methode'
    else 'revision'
  end as cause
from paires as p
left join connus as c on c.indicateur = p.indicateur
left join dernieres as d
  on d.indicateur = p.indicateur and d.territoire_niveau = p.territoire_niveau
  and d.territoire_code = p.territoire_code and d.ventilation = p.ventilation
left join {{ ref('int_territoires') }} as t on t.niveau = p.territoire_niveau and t.code = p.territoire_code
order by p.indicateur, p.territoire_niveau, p.territoire_code, p.periode, p.ventilation
