-- One row an indicator: what int_statut_suivis says of it, its newest figure, the break that cuts its series, and the
-- dates at which it should be updated. A yearly pace is measured on what should be done by the newest figure.
with dates as (
  select serie, max(ordre) as ordre from {{ ref('int_statut_points') }} group by serie
),

derniers as (
  select p.*
  from {{ ref('int_statut_points') }} as p
  inner join dates as d on d.serie = p.serie and d.ordre = p.ordre
),

coupures as (
  select d.serie, max({{ decimal_year('r.periode') }}) as rupture
  from derniers as d
  inner join {{ ref('int_statut_suivis') }} as b on b.serie = d.serie
  inner join {{ ref('dim_rupture') }} as r on r.indicateur = b.indicateur
  where {{ decimal_year('r.periode') }} <= d.annee
  group by d.serie
)

select
  b.* replace (
    case when b.forme = 'rythme' and b.manque_calcule = '' and floor(d.annee) >= b.base_annee
      then b.echelle * (floor(d.annee) - b.base_annee + 1) else b.echelle end as echelle
  ),
  d.periode as periode,
  d.annee as annee,
  d.valeur as valeur,
  d.statut as statut,
  d.borne_basse as borne_basse,
  d.borne_haute as borne_haute,
  {{ season('d.periode') }} as saison,
  c.rupture,
  case when d.periode is not null and b.periode_mois > 0
    then last_day({{ end_of('d.periode') }} + to_months(cast(b.periode_mois + coalesce(b.delai_mois, 0) as integer))) end
    as prochaine_attendue,
  case when d.periode is not null and b.periode_mois > 0
    then last_day({{ end_of('d.periode') }} + to_months(cast(2 * b.periode_mois + coalesce(b.delai_mois, 0) as integer)))
    end as limite_anciennete
from {{ ref('int_statut_suivis') }} as b
left join derniers as d on d.serie = b.serie
left join coupures as c on c.serie = b.serie
order by b.serie
