-- From the code of a commune that is no longer one to the code of today that holds it, with the year and the event (last
-- movement of its own). A code that still is a commune's passes to nothing, whatever happened to it: a name changes, a
-- commune gives birth to another or takes one in under the same code. An old commune shared between several has no
-- single heir: `univoque` is false and no figure follows it.
with recursive actuelles as (
  select code_apres as code, max(nom_apres) as nom
  from {{ ref('stg_insee__cog') }}
  where objet = 'commune'
  group by code_apres
),

-- Movements that end a code: suppression, merger, new commune, change of code. A creation, a restoration (20, 21) or a
-- change of name (10) ends none.
fins as (
  select distinct code_avant, nom_avant, code_apres, date_effet, type_mouvement
  from {{ ref('stg_insee__cog') }}
  where objet = 'mouvement' and type_avant = 'COM' and type_apres = 'COM' and code_avant <> code_apres
    and type_mouvement not in (10, 20, 21)
),

-- Only the last movement of a code counts: one merged, restored, then merged again went where it went last.
dernieres as (
  select * from fins
  qualify date_effet = max(date_effet) over (partition by code_avant)
),

-- Followed until a commune of today; dates only grow, so it ends.
suites as (
  select code_avant as ancien_code, nom_avant as ancien_nom, code_apres as code, date_effet, type_mouvement,
    date_effet as vers
  from dernieres
  where code_avant not in (select code from actuelles)
  union
  select s.ancien_code, s.ancien_nom, d.code_apres, s.date_effet, s.type_mouvement, d.date_effet
  from suites as s
  inner join dernieres as d on d.code_avant = s.code and d.date_effet >= s.vers
  where s.code not in (select code from actuelles)
)

select
  s.ancien_code,
  max(s.ancien_nom) as ancien_nom,
  s.code as code_commune,
  max(a.nom) as nom,
  cast(year(max(s.date_effet)) as bigint) as annee,
  max(s.date_effet) as date_effet,
  case max(s.type_mouvement)
    when 30 then 'suppression'
    when 31 then 'fusion simple'
    when 32 then 'création de commune nouvelle'
    when 33 then 'fusion-association'
    when 34 then 'transformation de fusion-association en fusion simple'
    when 41 then 'changement de code (changement de département)'
    when 50 then 'changement de code (transfert de chef-lieu)'
    else 'mouvement de type ' || max(s.type_mouvement)
  end as evenement,
  count(*) over (partition by s.ancien_code) = 1 as univoque
from suites as s
inner join actuelles as a on a.code = s.code
group by s.ancien_code, s.code
order by s.ancien_code, code_commune
