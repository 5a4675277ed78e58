-- Tourist beds, by the usual convention of observatories of tourism: two a hotel room, three a pitch of a campsite, one
-- a bed elsewhere. Rooms, pitches and beds as published stand beside the total. Every level is the publisher's own.
with mesures as (
  select niveau, code, periode,
    max(valeur) filter (where activite = 'I551' and mesure = 'PLACE') as chambres,
    max(valeur) filter (where activite = 'I553' and mesure = 'PLACE') as emplacements,
    max(valeur) filter (where activite = 'I552' and mesure = 'BEDPLACE') as lits_collectifs,
    bool_or(statut = 'secret') as secret,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_insee__hebergement_touristique') }}
  where niveau is not null
  group by niveau, code, periode
),

-- A null would leave no row: the name of what is missing is kept by a list instead of an unpivot.
ventile as (
  select niveau, code, periode, secret, editions,
    unnest(['', 'chambres', 'emplacements', 'lits_collectifs']) as ventilation,
    unnest([2 * chambres + 3 * emplacements + lits_collectifs, chambres, emplacements, lits_collectifs]) as valeur
  from mesures
),

ouvertes as (
  select
    niveau as territoire_niveau,
    code as territoire_code,
    periode,
    ventilation,
    valeur,
    cast(null as double) as borne_basse,
    cast(null as double) as borne_haute,
    case when valeur is not null then 'definitif' when secret then 'secret' else 'manquant' end as statut,
    case ventilation when '' then 'recalcule' else 'publie' end as nature,
    '' as note,
    'Capacité au 1er janvier ' || periode as millesime,
    ['insee/hebergement_touristique'] as jeux,
    editions
  from ventile
)

{{ avec_saisies('capacite_hebergement_touristique', 'ouvertes') }}
order by territoire_niveau, territoire_code, ventilation, periode
