-- Households receiving the RSA for 100 main homes. CNAF rounds to 5: a number n stands for n-2 to n+2 households, a 0
-- for none to four (secret for a commune). These are the bounds; they are not sampling bounds. Main homes: census.
with menages as (
  select code_commune, annee, valeur as menages, edition
  from {{ ref('stg_insee__comparateur') }}
  where mesure = 'RP' and statut = 'definitif'
    and annee = (select max(annee) from {{ ref('stg_insee__comparateur') }} where mesure = 'RP')
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

regroupe as (
  select p.niveau, p.code, c.annee,
    max(m.annee) as menages_annee,
    {{ somme('c.foyers_rsa') }} as foyers,
    {{ somme('case when c.foyers_rsa > 0 then c.foyers_rsa - 2 else 0 end') }} as foyers_bas,
    {{ somme('case when c.foyers_rsa > 0 then c.foyers_rsa + 2 else 4 end') }} as foyers_haut,
    {{ somme('m.menages') }} as menages,
    bool_and(c.statut_rsa = 'secret') as secret,
    count(*) as communes,
    max(p.attendues) as attendues,
    list_sort(list_distinct(flatten([list(c.edition), list(m.edition)]))) as editions
  from places as p
  inner join {{ ref('stg_caf__prestations') }} as c on c.code_commune = p.code_commune and c.statut_rsa <> 'manquant'
  inner join menages as m on m.code_commune = p.code_commune
  group by p.niveau, p.code, c.annee
),

series as (
  select *, '' as ventilation, 100 / nullif(menages, 0) as facteur from regroupe
  union all
  select *, 'foyers', 1.0 from regroupe
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  cast(annee as varchar) as periode,
  ventilation,
  case when not secret then foyers * facteur end as valeur,
  case when not secret then foyers_bas * facteur end as borne_basse,
  case when not secret then foyers_haut * facteur end as borne_haute,
  case
    when secret then 'secret'
    when foyers * facteur is null then 'manquant'
    when communes < attendues then 'estime'
    else 'definitif'
  end as statut,
  case when niveau = 'commune' and ventilation = 'foyers' then 'publie' else 'recalcule' end as nature,
  concat_ws(' ',
    case
      when secret then 'Moins de cinq foyers, ou aucun : la Cnaf ne le distingue pas.'
      when niveau = 'commune' then 'Nombre de foyers arrondi à 5 par la Cnaf.'
      else 'Somme de nombres arrondis à 5 par la Cnaf : exacte à ' || 2 * communes || ' foyers près environ.'
    end,
    case when communes < attendues then {{ couverture('Nombres connus pour', 'communes', 'attendues') }} end
  ) as note,
  'Cnaf, décembre ' || annee || ' ; ménages du recensement de ' || menages_annee as millesime,
  ['caf/prestations', 'insee/comparateur'] as jeux,
  editions
from series
order by territoire_niveau, territoire_code, ventilation, periode
