-- One-parent families among the families with children at home; detail: among all families, couples alone included.
with comptes as (
  select niveau, code, annee,
    max(valeur) filter (where famille = '1') as monoparentales,
    max(valeur) filter (where famille = '22') as couples_enfants,
    max(valeur) filter (where famille = '_T') as familles,
    bool_or(statut = 'secret') as secret,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_insee__rp_familles') }}
  where niveau is not null
  group by niveau, code, annee
),

territoires as (
  {{ comptes_par_territoire('comptes', ['annee'], ['monoparentales', 'couples_enfants', 'familles']) }}
),

parts as (
  select niveau, code, annee, '' as ventilation, monoparentales as nombre,
    monoparentales + couples_enfants as total, communes, attendues, editions
  from territoires
  union all
  select niveau, code, annee, 'toutes_familles', monoparentales, familles, communes, attendues, editions
  from territoires
)

select
  p.niveau as territoire_niveau,
  p.code as territoire_code,
  cast(p.annee as varchar) as periode,
  p.ventilation,
  100 * p.nombre / nullif(p.total, 0) as valeur,
  case when p.niveau = 'commune' and p.total > 0 then {{ wilson('p.nombre', 'p.total', '-') }} end as borne_basse,
  case when p.niveau = 'commune' and p.total > 0 then {{ wilson('p.nombre', 'p.total', '+') }} end as borne_haute,
  {{ statut_part('100 * p.nombre / nullif(p.total, 0)', 'coalesce(c.secret, false)', 'p.communes', 'p.attendues') }}
    as statut,
  'recalcule' as nature,
  {{ note_part('p.total', 'p.communes', 'p.attendues') }} as note,
  'Recensement ' || p.annee as millesime,
  ['insee/rp_familles'] as jeux,
  p.editions
from parts as p
left join comptes as c on c.niveau = p.niveau and c.code = p.code and c.annee = p.annee
order by territoire_niveau, territoire_code, periode, ventilation
