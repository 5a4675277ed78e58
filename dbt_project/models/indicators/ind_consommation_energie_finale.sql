-- Electricity and gas delivered by the networks, in GWh. The gas of power stations is outside the total and stands in
-- the ventilation `gaz_centrale_exclue`. Where cells are suppressed, a sum is a floor (`estime`, its note says how many cells); where
-- nothing but suppressed cells is left, the figure is secret.
with communes as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

details as (
  select c.niveau, c.code, c.attendues, e.*
  from communes as c
  inner join {{ ref('int_energie') }} as e on e.code_commune = c.code_commune
),

regroupe as (
  select niveau, code, annee, ventilation,
    {{ somme('consommation_mwh') }} as mwh,
    sum(mailles_secretes) as mailles,
    sum(lignes_connues) as lignes_connues,
    count(distinct code_commune) as communes,
    max(attendues) as attendues,
    list_sort(list_distinct(flatten(list(editions)))) as editions
  from (
    select *, energie as ventilation from details
    union all
    select *, '' from details where energie <> 'gaz_centrale_exclue'
  )
  group by niveau, code, annee, ventilation
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  ventilation,
  case when lignes_connues > 0 then mwh / 1000 end as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case
    when lignes_connues = 0 and mailles > 0 then 'secret'
    when lignes_connues = 0 then 'manquant'
    when mailles > 0 then 'estime'
    when ventilation = '' and communes < attendues then 'estime'
    else 'definitif'
  end as statut,
  'recalcule' as nature,
  concat_ws(' ',
    case when ventilation = 'gaz_centrale_exclue'
      then 'Gaz brûlé pour produire de l’électricité : exclu du total, montré ici pour mémoire.' end,
    case when lignes_connues > 0 and mailles > 0
      then 'Valeur plancher : '
        || case when mailles = 1 then 'une maille couverte' else mailles || ' mailles couvertes' end
        || ' par le secret statistique n’y '
        || case when mailles = 1 then 'est pas comptée.' else 'sont pas comptées.' end end,
    case when ventilation = '' and communes < attendues
      then {{ couverture('Somme de', 'communes', 'attendues') }} end
  ) as note,
  'Agence ORE ' || annee as millesime,
  ['ore/consommation'] as jeux,
  editions
from regroupe
order by territoire_niveau, territoire_code, periode, ventilation
