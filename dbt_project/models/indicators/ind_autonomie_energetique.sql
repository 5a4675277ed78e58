-- Local production over consumption, on what is known of both: renewable electricity injected on the networks, over
-- electricity and gas delivered by them. Numerator and denominator rarely share a year: the two nearest are taken, at
-- most two years apart, the period covers both, and the figure is an estimate that says so. The other readings of
-- « autonomie » stand beside it as details; the one that no source allows is there without a value.
with consommation as (
  select territoire_niveau as niveau, territoire_code as code, ventilation, valeur, statut, jeux, editions,
    cast(periode as integer) as annee
  from {{ ref('ind_consommation_energie_finale') }}
  where territoire_niveau = 'epci' and ventilation in ('', 'electricite') and valeur > 0
),

production as (
  select territoire_niveau as niveau, territoire_code as code, ventilation, valeur, statut, jeux, editions,
    {{ end_of('periode') }} as fin
  from {{ ref('ind_production_enr') }}
  where territoire_niveau = 'epci' and ventilation in ('', 'gaz_de_mine') and periode like '____-__'
),

-- One production for each year of consumption: the window of twelve months whose end is nearest to 31 December.
couples as (
  select c.*, p.valeur as produit, p.statut as statut_produit, p.jeux as jeux_produit, p.editions as editions_produit,
    p.fin, m.valeur as recupere, m.editions as editions_recupere
  from consommation as c
  inner join production as p on p.niveau = c.niveau and p.code = c.code and p.ventilation = ''
  left join production as m
    on m.niveau = p.niveau and m.code = p.code and m.fin = p.fin and m.ventilation = 'gaz_de_mine'
  where p.valeur is not null and abs(date_diff('month', make_date(c.annee, 12, 31), p.fin)) <= 24
  qualify row_number() over (
    partition by c.niveau, c.code, c.annee, c.ventilation
    order by abs(date_diff('day', make_date(c.annee, 12, 31), p.fin)), p.fin
  ) = 1
),

lectures as (
  select niveau, code, annee, fin, '' as ventilation, 100 * produit / valeur as taux, jeux, jeux_produit,
    editions || editions_produit as editions
  from couples where ventilation = ''
  union all
  select niveau, code, annee, fin, 'electricite_seule', 100 * produit / valeur, jeux, jeux_produit,
    editions || editions_produit
  from couples where ventilation = 'electricite'
  union all
  select niveau, code, annee, fin, 'avec_recuperation', 100 * (produit + recupere) / valeur, jeux, jeux_produit,
    editions || editions_produit || editions_recupere
  from couples where ventilation = '' and recupere is not null
  union all
  select niveau, code, annee, fin, 'toutes_energies', null, jeux, jeux_produit, editions || editions_produit
  from couples where ventilation = ''
  {%- for p in var('potentiels_enr') %}
  union all
  select niveau, code, annee, fin, 'potentiel', 100 * {{ p.gwh }} / valeur, jeux, [], editions
  from couples where ventilation = '' and niveau = '{{ p.niveau }}' and code = '{{ p.code }}'
  {%- endfor %}
),

dates as (
  select *,
    -- The window of twelve months counts as the civil year when it ends within a month of it.
    coalesce(abs(date_diff('day', make_date(annee, 12, 31), fin)) <= 31, true) as meme_annee,
    least(annee, coalesce(year(last_day(fin - interval 12 month) + interval 1 day), annee)) as premiere,
    greatest(annee, coalesce(year(fin), annee)) as derniere
  from lectures
),

ouvertes as (
  select
    niveau as territoire_niveau,
    code as territoire_code,
    case when meme_annee then cast(annee as varchar) else premiere || '/' || derniere end as periode,
    ventilation,
    taux as valeur,
    cast(null as double) as borne_basse,
    cast(null as double) as borne_haute,
    case when taux is null then 'manquant' else 'estime' end as statut,
    'recalcule' as nature,
    case
      when ventilation = 'toutes_energies'
        then 'Carburants, fioul, bois et chaleur consommés ne sont connus d’aucune source ouverte à cette échelle.'
      when ventilation = 'potentiel'
        then 'Potentiel identifié par le diagnostic, hors friches industrielles, rapporté à la consommation de ' || annee
          || ' : ce n’est ni une production ni une cible.'
      else concat_ws(' ',
        case when not meme_annee
          then 'Production des douze mois finis le ' || {{ date_fr('fin') }} || ', consommation de ' || annee
            || ' : les deux périodes diffèrent.' end,
        'Ordre de grandeur : la production et la consommation connues sont toutes deux des planchers.')
    end as note,
    'Registre ODRÉ et Agence ORE ' || annee as millesime,
    list_sort(list_distinct(jeux || jeux_produit)) as jeux,
    list_sort(list_distinct(editions)) as editions
  from dates
)

{{ avec_saisies('autonomie_energetique', 'ouvertes') }}
order by territoire_niveau, territoire_code, periode, ventilation
