-- Families of major risks recorded in a commune; above it, families recorded in one commune at least. Details: communes
-- concerned by each family (0 or 1 for a commune). The base keeps no history: its own date, else that of the reading.
with places as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

lues as (
  select p.niveau, p.code, p.attendues, r.code_commune, r.famille, r.date_etat, r.edition
  from places as p
  inner join {{ ref('stg_georisques__risques') }} as r on r.code_commune = p.code_commune
),

territoires as (
  select niveau, code, max(attendues) as attendues, count(distinct code_commune) as communes,
    count(distinct famille) as familles, max(date_etat) as date_etat, {{ editions_de('edition') }} as editions
  from lues
  group by niveau, code
),

familles as (
  select distinct famille from {{ ref('stg_georisques__risques') }} where famille is not null
),

concernees as (
  select niveau, code, famille, count(distinct code_commune) as communes
  from lues
  where famille is not null
  group by niveau, code, famille
),

ventile as (
  select t.*, '' as ventilation, cast(t.familles as double) as valeur from territoires as t
  union all
  select t.*, f.famille, cast(coalesce(c.communes, 0) as double)
  from territoires as t
  cross join familles as f
  left join concernees as c on c.niveau = t.niveau and c.code = t.code and c.famille = f.famille
)

select
  niveau as territoire_niveau,
  code as territoire_code,
  strftime(date_etat, '%Y') as periode,
  ventilation,
  valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  case when communes < attendues then 'estime' else 'definitif' end as statut,
  'recalcule' as nature,
  case when communes < attendues then {{ couverture('Relevé de', 'communes', 'attendues') }} else '' end as note,
  'GASPAR ' || strftime(date_etat, '%Y') as millesime,
  ['georisques/risques'] as jeux,
  editions
from ventile
order by territoire_niveau, territoire_code, ventilation
