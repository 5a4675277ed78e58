-- The well-being dimensions as a profile: one row a dimension and an indicator that serves it, with the newest figure of
-- the indicator's own territory and that of its widest reference (France, else metropolitan France, else the region):
-- the same period when there is one, else the newest. `position` says on which side of it the territory is, by
-- the polarity of the indicator and for the same period only, and nothing more: no mean, no score, no weight. A dimension
-- nobody serves has one row without indicator.
with dimensions as (
  select id as dimension, libelle, ordre from {{ ref('dim_engagement') }} where type = 'dimension'
),

sert as (
  select indicateur, unnest(sert) as dimension from {{ ref('dim_indicator') }}
),

-- Newest known figure of the own territory; a total only (a detail may have another unit).
derniers as (
  select i.indicateur, o.periode, o.valeur, o.borne_basse, o.borne_haute, o.statut, o.nature
  from {{ ref('dim_indicator') }} as i
  inner join {{ ref('fct_observation') }} as o
    on o.indicateur = i.indicateur and o.territoire_niveau = i.territoire_niveau
    and o.territoire_code = i.territoire_code and o.ventilation = '' and o.valeur is not null
  qualify row_number() over (partition by i.indicateur order by o.annee desc, o.periode desc) = 1
),

references_ as (
  select d.indicateur, o.territoire_niveau as niveau, o.territoire_code as code, o.territoire as nom, o.periode,
    o.valeur, o.periode = d.periode as meme_periode
  from derniers as d
  inner join {{ ref('dim_indicator') }} as i on i.indicateur = d.indicateur
  inner join {{ ref('fct_observation') }} as o
    on o.indicateur = d.indicateur and o.ventilation = '' and o.valeur is not null
    and o.territoire_niveau in ('france', 'france_metropolitaine', 'region')
    and (o.territoire_niveau, o.territoire_code) <> (i.territoire_niveau, i.territoire_code)
  qualify row_number() over (
    partition by d.indicateur
    order by o.periode = d.periode desc, case o.territoire_niveau when 'france' then 1 when 'france_metropolitaine' then 2 else 3 end,
      o.annee desc, o.periode desc, o.territoire_code
  ) = 1
)

select
  m.dimension,
  m.libelle as dimension_libelle,
  case when m.dimension like 'bc\_%' escape '\' then 'biens_communs' else 'facteurs' end as famille,
  m.ordre as dimension_ordre,
  i.indicateur,
  i.titre_court,
  i.unite,
  i.polarite,
  i.territoire_niveau,
  i.territoire_code,
  d.periode,
  d.valeur,
  d.statut,
  d.nature,
  r.niveau as reference_niveau,
  r.code as reference_code,
  r.nom as reference,
  r.periode as reference_periode,
  r.valeur as reference_valeur,
  case
    when d.valeur is null or r.valeur is null or not r.meme_periode or coalesce({{ sens('i.polarite') }}, 0) = 0 then 'inconnue'
    when d.valeur = r.valeur then 'egale'
    -- An interval that holds the reference does not tell the two apart.
    when d.borne_basse <= r.valeur and r.valeur <= d.borne_haute then 'egale'
    when {{ sens('i.polarite') }} * (d.valeur - r.valeur) > 0 then 'meilleure'
    else 'moins_bonne'
  end as position,
  case
    when i.indicateur is null then 'Aucun indicateur ne sert cette dimension.'
    when d.valeur is null then coalesce(nullif(i.raison, ''), 'Aucun chiffre du territoire.')
    when r.valeur is null then 'Aucun chiffre de la France ni de la région.'
    when not r.meme_periode then 'La référence n’est connue que pour une autre période.'
    when coalesce({{ sens('i.polarite') }}, 0) = 0 then 'Aucun sens souhaité n’est fixé pour cet indicateur.'
    else ''
  end as raison
from dimensions as m
left join sert as s on s.dimension = m.dimension
left join {{ ref('dim_indicator') }} as i on i.indicateur = s.indicateur
left join derniers as d on d.indicateur = i.indicateur
left join references_ as r on r.indicateur = i.indicateur
order by dimension_ordre, dimension, i.ordre, i.indicateur
