-- One row an indicator: its trajectory in force (the newest decision for its own territory), its direction, its newest
-- figure, the break that cuts its series, and the dates at which it should be updated. `serie` numbers the rows: what
-- follows sorts millions of figures by it. A yearly pace is measured on what should be done by the newest figure.
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
  select cast(row_number() over (order by i.indicateur) as integer) as serie,
    i.indicateur, i.territoire_niveau, i.territoire_code, i.contexte, i.calcule, i.raison as raison_declaree,
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
  from {{ ref('dim_indicator') }} as i
  left join trajectoires as t on t.indicateur = i.indicateur
),

-- The newest figure of what the trajectory judges: its running total for a ceiling, else the total.
derniers as (
  select b.serie,
    arg_max(
      struct_pack(
        periode := o.periode, annee := o.annee, valeur := o.valeur, statut := o.statut, borne_basse := o.borne_basse,
        borne_haute := o.borne_haute),
      {{ ordre_periode('o.annee', 'o.periode') }}) as o
  from bases as b
  inner join {{ ref('fct_observation') }} as o
    on o.indicateur = b.indicateur and o.territoire_niveau = b.territoire_niveau
    and o.territoire_code = b.territoire_code and o.ventilation = b.ventilation and o.valeur is not null
  group by b.serie
),

coupures as (
  select d.serie, max({{ decimal_year('r.periode') }}) as rupture
  from derniers as d
  inner join bases as b on b.serie = d.serie
  inner join {{ ref('dim_rupture') }} as r on r.indicateur = b.indicateur
  where {{ decimal_year('r.periode') }} <= d.o.annee
  group by d.serie
)

select
  b.* replace (
    case when b.forme = 'rythme' and b.manque_calcule = '' and floor(d.o.annee) >= b.base_annee
      then b.echelle * (floor(d.o.annee) - b.base_annee + 1) else b.echelle end as echelle
  ),
  d.o.periode as periode,
  d.o.annee as annee,
  d.o.valeur as valeur,
  d.o.statut as statut,
  d.o.borne_basse as borne_basse,
  d.o.borne_haute as borne_haute,
  {{ season('d.o.periode') }} as saison,
  c.rupture,
  case when d.o.periode is not null and b.periode_mois > 0
    then last_day({{ end_of('d.o.periode') }} + to_months(cast(b.periode_mois + coalesce(b.delai_mois, 0) as integer))) end
    as prochaine_attendue,
  case when d.o.periode is not null and b.periode_mois > 0
    then last_day({{ end_of('d.o.periode') }} + to_months(cast(2 * b.periode_mois + coalesce(b.delai_mois, 0) as integer)))
    end as limite_anciennete
from bases as b
left join derniers as d on d.serie = b.serie
left join coupures as c on c.serie = b.serie
order by b.serie
