-- Life expectancy at birth minus that of metropolitan France, same year, by sex; the total is the plain mean of the two
-- gaps, because Insee publishes no life expectancy of both sexes together. What the services deposit for the EPCI
-- comes beside: no mortality table is open at that level.
with series as (
  select niveau, code, periode, valeur, statut, edition,
    case when idbank in ('001746247', '001686951') then 'femmes' else 'hommes' end as sexe
  from {{ ref('stg_insee__bdm') }}
  where idbank in ('001745977', '001746247', '001686946', '001686951')
    and regexp_full_match(periode, '\d{4}')
),

ecarts as (
  select s.niveau, s.code, s.periode, s.sexe, s.valeur - f.valeur as ecart,
    case when 'manquant' in (s.statut, f.statut) then 'manquant'
      when 'provisoire' in (s.statut, f.statut) then 'provisoire'
      else 'definitif' end as statut,
    list_sort(list_distinct([s.edition, f.edition])) as editions
  from series as s
  inner join series as f
    on f.niveau = 'france_metropolitaine' and f.periode = s.periode and f.sexe = s.sexe
  where s.niveau <> 'france_metropolitaine'
),

tout as (
  select niveau, code, periode, sexe as ventilation, ecart, statut, 'Même année, France métropolitaine.' as note, editions
  from ecarts
  union all
  select niveau, code, periode, '', {{ somme('ecart') }} / 2,
    case when bool_or(statut = 'manquant') then 'manquant'
      when bool_or(statut = 'provisoire') then 'provisoire'
      else 'definitif' end,
    'Moyenne des écarts des femmes et des hommes, avec la France métropolitaine.',
    list_sort(list_distinct(flatten(list(editions))))
  from ecarts
  group by niveau, code, periode
  having count(*) = 2
),

ouvertes as (
  select
    niveau as territoire_niveau,
    code as territoire_code,
    periode,
    ventilation,
    case when statut <> 'manquant' then ecart end as valeur,
    cast(null as double) as borne_basse,
    cast(null as double) as borne_haute,
    statut,
    'recalcule' as nature,
    note,
    'Insee ' || periode as millesime,
    ['insee/bdm'] as jeux,
    editions
  from tout
)

{{ avec_saisies('ecart_esperance_vie_france', 'ouvertes') }}
order by territoire_niveau, territoire_code, periode, ventilation
