-- One row an indicator: its trajectory in force (the newest decision for its own territory), its direction, its newest
-- figure, the break that cuts its series, and the dates at which it should be updated.
with trajectoires as (
  select t.*
  from {{ ref('int_trajectoires') }} as t
  inner join {{ ref('dim_indicator') }} as i
    on i.indicateur = t.indicateur and i.territoire_niveau = t.territoire_niveau
    and i.territoire_code = t.territoire_code
  where t.en_vigueur
  qualify row_number() over (
    partition by t.indicateur order by t.valide_du desc nulls last, t.date desc nulls last, t.trajectoire
  ) = 1
),

bases as (
  select i.indicateur, i.territoire_niveau, i.territoire_code, i.contexte, i.calcule, i.raison as raison_declaree,
    i.saisie, i.service, i.attente,
    i.unite, i.unite_courte, i.decimales, i.periode_mois, i.delai_mois,
    t.trajectoire, t.forme, t.base_annee, t.cible_annee, t.cible_valeur, t.tolerance, t.echelle, t.manque_calcule,
    t.unite as trajectoire_unite, t.base_valeur,
    {{ sens("coalesce(t.polarite, i.polarite)") }} as d,
    case when t.forme = 'budget_cumule' then 'cumul_' || cast(cast(t.base_annee as bigint) + 1 as varchar) else '' end
      as ventilation
  from {{ ref('dim_indicator') }} as i
  left join trajectoires as t on t.indicateur = i.indicateur
),

-- Two candidates for the newest figure: of the series that the trajectory judges, else of the total.
derniers as (
  select b.indicateur, o.periode, o.annee, o.valeur, o.statut, o.borne_basse, o.borne_haute
  from bases as b
  inner join {{ ref('fct_observation') }} as o
    on o.indicateur = b.indicateur and o.territoire_niveau = b.territoire_niveau
    and o.territoire_code = b.territoire_code and o.ventilation = b.ventilation and o.valeur is not null
  qualify row_number() over (partition by b.indicateur order by o.annee desc, o.periode desc) = 1
),

coupures as (
  select d.indicateur, max({{ decimal_year('r.periode') }}) as rupture
  from derniers as d
  inner join {{ ref('dim_rupture') }} as r on r.indicateur = d.indicateur
  where {{ decimal_year('r.periode') }} <= d.annee
  group by d.indicateur
)

select
  b.*,
  d.periode,
  d.annee,
  d.valeur,
  d.statut,
  d.borne_basse,
  d.borne_haute,
  {{ season('d.periode') }} as saison,
  c.rupture,
  case when d.periode is not null and b.periode_mois > 0
    then last_day({{ end_of('d.periode') }} + to_months(cast(b.periode_mois + coalesce(b.delai_mois, 0) as integer))) end
    as prochaine_attendue,
  case when d.periode is not null and b.periode_mois > 0
    then last_day({{ end_of('d.periode') }} + to_months(cast(2 * b.periode_mois + coalesce(b.delai_mois, 0) as integer)))
    end as limite_anciennete
from bases as b
left join derniers as d on d.indicateur = b.indicateur
left join coupures as c on c.indicateur = b.indicateur
order by b.indicateur
