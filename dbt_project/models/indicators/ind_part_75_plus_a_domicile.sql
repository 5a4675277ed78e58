-- People of 75 and over who live in an ordinary dwelling: all but those who live outside households.
with comptes as (
  select niveau, code, annee,
    max(valeur) filter (where cohabitation = '_T') as ensemble,
    max(valeur) filter (where cohabitation = '40') as hors_menage,
    bool_or(statut = 'secret') as secret,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_insee__rp_cohabitation') }}
  where niveau is not null
  group by niveau, code, annee
),

territoires as (
  {{ comptes_par_territoire('comptes', ['annee'], ['ensemble', 'hors_menage']) }}
),

parts as (
  select *, ensemble - hors_menage as a_domicile from territoires
)

select
  p.niveau as territoire_niveau,
  p.code as territoire_code,
  cast(p.annee as varchar) as periode,
  '' as ventilation,
  100 * p.a_domicile / nullif(p.ensemble, 0) as valeur,
  case when p.niveau = 'commune' and p.ensemble > 0
    then {{ wilson('p.a_domicile', 'p.ensemble', '-') }} end as borne_basse,
  case when p.niveau = 'commune' and p.ensemble > 0
    then {{ wilson('p.a_domicile', 'p.ensemble', '+') }} end as borne_haute,
  {{ statut_part('100 * p.a_domicile / nullif(p.ensemble, 0)', 'coalesce(c.secret, false)', 'p.communes',
      'p.attendues') }} as statut,
  'recalcule' as nature,
  {{ note_part('p.ensemble', 'p.communes', 'p.attendues') }} as note,
  'Recensement ' || p.annee as millesime,
  ['insee/rp_cohabitation'] as jeux,
  p.editions
from parts as p
left join comptes as c on c.niveau = p.niveau and c.code = p.code and c.annee = p.annee
order by territoire_niveau, territoire_code, periode
