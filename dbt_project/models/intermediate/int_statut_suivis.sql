-- One row an indicator: its trajectory in force (the newest decision for its own territory), its direction, and which of
-- its figures is judged (the running total of a ceiling, else the total). `serie` numbers the rows: what follows sorts
-- millions of figures by it. Narrow rows are put in order, whole ones are joined after: a decision is a page of text.
with en_vigueur as (
  select t.indicateur, t.trajectoire
  from {{ ref('int_trajectoires') }} as t
  inner join {{ ref('dim_indicator') }} as i
    on i.indicateur = t.indicateur and i.territoire_niveau = t.territoire_niveau
    and i.territoire_code = t.territoire_code
  where t.en_vigueur
  qualify row_number() over (
    partition by t.indicateur order by t.valide_du desc nulls last, t.date desc nulls last, t.trajectoire
  ) = 1
),

numeros as (
  -- In the order in which the indicators stand: a sort of millions of names would say nothing more.
  select *, cast(row_number() over () as integer) as serie from {{ ref('dim_indicator') }}
)

select i.serie, i.indicateur, i.territoire_niveau, i.territoire_code, i.contexte, i.calcule, i.raison as raison_declaree,
  i.saisie, i.service, i.attente,
  i.unite, i.unite_courte, i.decimales, i.periode_mois, i.delai_mois,
  t.trajectoire, t.forme, t.base_annee, t.cible_annee, t.cible_valeur, t.tolerance, t.echelle, t.manque_calcule,
  t.unite as trajectoire_unite, t.base_valeur, t.comparateur_niveau, t.comparateur_code,
  t.commentaire as trajectoire_commentaire,
  {{ sens("coalesce(t.polarite, i.polarite)") }} as d,
  -- A direction only: what is asked is a way to go, not a level to have in a given year.
  coalesce(t.forme = 'sens' or (t.forme = 'convergence' and t.cible_annee is null), false) as sens_seul,
  case when t.forme in ('budget_cumule', 'division')
    then 'cumul_' || cast(cast(t.base_annee as bigint) + 1 as varchar) else '' end as ventilation
from numeros as i
left join en_vigueur as v on v.indicateur = i.indicateur
left join {{ ref('int_trajectoires') }} as t on t.trajectoire = v.trajectoire
