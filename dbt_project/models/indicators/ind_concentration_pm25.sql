-- Mean of the valid hours of a civil year at the stations of the territory, µg/m³. A year needs 85 % of its hours.
-- A commune or an EPCI has the plain mean of its background stations whose year is whole: stations are points, and
-- nothing says how many inhabitants each stands for. A station beside traffic is shown, never averaged in.
with stations as (
  select code_site, year(jour) as annee,
    max(nom) as nom,
    max(code_commune) as code_commune,
    bool_and(influence = 'fond') as de_fond,
    sum(n_valides) as heures,
    24 * dayofyear(make_date(year(jour), 12, 31)) as heures_dues,
    {{ somme('somme_ug_m3') }} as total,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_lcsqa__particules_fines') }}
  group by code_site, year(jour)
),

annees as (
  select *, heures >= 0.85 * heures_dues as entiere,
    case when heures >= 0.85 * heures_dues then total / heures end as moyenne,
    cast(floor(100.0 * heures / heures_dues) as integer) as couverture
  from stations
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

moyennes as (
  select p.niveau, p.code, a.annee,
    {{ somme('a.moyenne') }} / nullif(count(a.moyenne), 0) as valeur,
    count(a.moyenne) as retenues,
    string_agg(a.nom, ', ' order by a.nom) filter (where a.entiere) as noms,
    string_agg(a.nom || ' (' || a.couverture || ' % des heures)', ', ' order by a.nom) filter (where not a.entiere)
      as ecartees,
    list_sort(list_distinct(flatten(list(a.editions)))) as editions
  from places as p
  inner join annees as a on a.code_commune = p.code_commune and a.de_fond
  group by p.niveau, p.code, a.annee
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  '' as ventilation,
  valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when valeur is null then 'manquant' else 'provisoire' end as statut,
  'recalcule' as nature,
  concat_ws(' ',
    case
      when retenues = 1 then 'Station de fond : ' || noms || '.'
      when retenues > 1 then 'Moyenne de ' || retenues || ' stations de fond : ' || noms || '.'
    end,
    case when ecartees is not null
      then 'Année incomplète, moins de 85 % des heures valides : ' || ecartees || '.' end,
    case when retenues > 0 then 'Mesures en temps réel, non expertisées.' end
  ) as note,
  'LCSQA, mesures de ' || annee as millesime,
  ['lcsqa/particules_fines'] as jeux,
  editions
from moyennes
union all
select
  'epci', c.code_epci, cast(a.annee as varchar), lower(a.code_site), a.moyenne, null, null,
  case when a.moyenne is null then 'manquant' else 'provisoire' end,
  'recalcule',
  concat_ws(' ',
    case when not a.de_fond then 'Station de proximité (trafic ou industrie) : hors de la moyenne de fond.' end,
    case when a.moyenne is null
      then 'Année incomplète : ' || a.couverture || ' % des heures valides, moins que les 85 % requis.'
      else a.couverture || ' % des heures valides. Mesures en temps réel, non expertisées.' end),
  'LCSQA, mesures de ' || a.annee,
  ['lcsqa/particules_fines'],
  a.editions
from annees as a
inner join {{ ref('int_communes') }} as c on c.code_commune = a.code_commune
order by territoire_niveau, territoire_code, periode, ventilation
