-- Days of a civil year whose ATMO index is poor or worse (codes 4 to 6). Above the commune: the mean of the communes
-- weighted by their population, i.e. the days that an inhabitant lived through on average.
with fin as (
  select cast('{{ var("nuit") }}' as date) as nuit
),

communes as (
  select a.code_commune, a.annee, a.jours_degrades, a.jours_observes, a.dernier_jour, a.editions, c.population,
    c.population_edition
  from {{ ref('int_air_jours') }} as a
  inner join {{ ref('int_communes') }} as c on c.code_commune = a.code_commune
  where a.jours_observes > 0
),

tout as (
  select 'commune' as niveau, code_commune as code, annee, cast(jours_degrades as double) as valeur, jours_observes,
    dernier_jour, 'recalcule' as nature, 1 as communes, 1 as attendues, editions
  from communes
  union all
  select p.niveau, p.code, c.annee,
    {{ somme('c.jours_degrades * c.population') }} / nullif({{ somme('c.population') }}, 0),
    min(c.jours_observes), max(c.dernier_jour), 'recalcule', count(*), max(p.attendues),
    list_sort(list_distinct(flatten(list(c.editions)) || list(c.population_edition)))
  from {{ ref('int_appartenances') }} as p
  inner join communes as c on c.code_commune = p.code_commune and c.population is not null
  group by p.niveau, p.code, c.annee
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  '' as ventilation,
  valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case
    when valeur is null then 'manquant'
    -- The year is over when its last day is observed, or when the night is past it.
    when dernier_jour < make_date(cast(annee as integer), 12, 31) and year(fin.nuit) <= annee then 'provisoire'
    when jours_observes < 0.95 * dayofyear(make_date(cast(annee as integer), 12, 31)) then 'estime'
    when communes < attendues then 'estime'
    else 'definitif'
  end as statut,
  nature,
  concat_ws(' ',
    case
      when dernier_jour < make_date(cast(annee as integer), 12, 31) and year(fin.nuit) <= annee
        then 'Année en cours : ' || jours_observes || ' jours observés.'
      when jours_observes < dayofyear(make_date(cast(annee as integer), 12, 31))
        then jours_observes || ' jours observés sur ' || dayofyear(make_date(cast(annee as integer), 12, 31)) || '.'
    end,
    case when niveau <> 'commune' then 'Moyenne des communes pondérée par la population.' end,
    case when communes < attendues then {{ couverture('Sur', 'communes', 'attendues') }} end
  ) as note,
  'Indices ATMO '
    || case when dernier_jour < make_date(cast(annee as integer), 12, 31) and year(fin.nuit) <= annee
      then 'au ' || strftime(dernier_jour, '%Y-%m-%d') else cast(annee as varchar) end as millesime,
  case when niveau = 'commune' then ['atmo/indices'] else ['atmo/indices', 'insee/populations'] end as jeux,
  editions
from tout
cross join fin
order by territoire_niveau, territoire_code, periode
