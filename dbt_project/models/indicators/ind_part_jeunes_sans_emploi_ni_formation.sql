-- Young people of 15 to 24 neither in employment nor in education: the publisher's own shares, never recomputed.
-- A census vintage N gathers the surveys of N-2 to N+2: of each territory, the newest vintage is kept, then those that
-- share no survey year with one already kept.
with recursive parts as (
  select niveau, code, annee, part, statut, edition
  from {{ ref('stg_odt__non_inseres') }}
  where niveau is not null
),

gardes as (
  select niveau, code, max(annee) as annee from parts group by niveau, code
  union all
  select g.niveau, g.code, (
    select max(p.annee) from parts as p
    where p.niveau = g.niveau and p.code = g.code and p.annee <= g.annee - 5
  ) as annee
  from gardes as g
  where g.annee is not null
)

select
  p.niveau as territoire_niveau,
  p.code as territoire_code,
  cast(p.annee as varchar) as periode,
  '' as ventilation,
  p.part as valeur,
  cast(null as double) as borne_basse,
  cast(null as double) as borne_haute,
  p.statut,
  'publie' as nature,
  case when c.population < 2000
    then 'Commune de moins de 2 000 habitants : quelques dizaines de jeunes, à lire avec prudence.' else '' end as note,
  'Recensement ' || p.annee as millesime,
  ['odt/non_inseres'] as jeux,
  [p.edition] as editions
from parts as p
inner join gardes as g on g.niveau = p.niveau and g.code = p.code and g.annee = p.annee
left join {{ ref('int_communes') }} as c on p.niveau = 'commune' and c.code_commune = p.code
order by territoire_niveau, territoire_code, periode
