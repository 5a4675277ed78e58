-- Employing establishments of the social economy for 10,000 inhabitants, at the first of each month received.
with comptes as (
  select niveau, code, date_etat, etablissements, 1 as communes, 1 as attendues,
    case niveau when 'commune' then 'recalcule' else 'publie' end as nature, [edition] as editions
  from {{ ref('stg_sirene__ess') }}
  union all
  select a.niveau, a.code, s.date_etat, sum(s.etablissements), count(*), max(a.attendues), 'recalcule',
    {{ editions_de('s.edition') }}
  from {{ ref('int_appartenances') }} as a
  inner join {{ ref('stg_sirene__ess') }} as s on s.niveau = 'commune' and s.code = a.code_commune
  group by a.niveau, a.code, s.date_etat
)

select
  c.niveau as territoire_niveau,
  c.code as territoire_code,
  strftime(c.date_etat, '%Y-%m-%d') as periode,
  v.ventilation,
  case v.ventilation when '' then 10000.0 * c.etablissements / h.habitants else cast(c.etablissements as double) end
    as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when c.communes < c.attendues then 'estime' else 'definitif' end as statut,
  case v.ventilation when '' then 'recalcule' else c.nature end as nature,
  concat_ws(' ',
    case v.ventilation when '' then 'Rapporté à la population de ' || h.periode || '.' end,
    case when c.communes < c.attendues then {{ couverture('Somme de', 'c.communes', 'c.attendues') }} end
  ) as note,
  'Sirene au ' || strftime(c.date_etat, '%Y-%m-%d') as millesime,
  ['insee/populations', 'sirene/ess'] as jeux,
  list_sort(list_distinct(c.editions || h.editions)) as editions
from comptes as c
inner join {{ habitants() }} as h on h.niveau = c.niveau and h.code = c.code
cross join (values (''), ('nombre')) as v(ventilation)
order by territoire_niveau, territoire_code, periode, ventilation
