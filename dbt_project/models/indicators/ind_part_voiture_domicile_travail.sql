-- Main mode of the employed who travel to work. Those who work at home do not travel: they are left out of the share,
-- and counted in the two details that say so.
with comptes as (
  select niveau, code, annee,
    max(valeur) filter (where mode = '_T' and lieu = '_T') as actifs,
    max(valeur) filter (where mode = '1') as sans_deplacement,
    max(valeur) filter (where mode = '2') as marche,
    max(valeur) filter (where mode = '3') as velo,
    max(valeur) filter (where mode = '4') as deux_roues,
    max(valeur) filter (where mode = '5') as voiture,
    max(valeur) filter (where mode = '6') as commun,
    bool_or(statut = 'secret' and lieu = '_T') as secret,
    {{ editions_de('edition') }} as editions
  from {{ ref('stg_insee__rp_navettes') }}
  where niveau is not null
  group by niveau, code, annee
),

-- The bicycle was counted with motorised two-wheelers until the vintage 2012: unknown, it must not hide the car.
completes as (
  select * replace (coalesce(velo, -1) as velo, coalesce(deux_roues, -1) as deux_roues) from comptes
),

territoires as (
  {{ comptes_par_territoire('completes', ['annee'],
      ['actifs', 'sans_deplacement', 'marche', 'velo', 'deux_roues', 'voiture', 'commun']) }}
),

parts as (
  {%- for ventilation, nombre, total in [
    ('', 'voiture', 'actifs - sans_deplacement'),
    ('transports_en_commun', 'commun', 'actifs - sans_deplacement'),
    ('velo', 'velo', 'actifs - sans_deplacement'),
    ('marche', 'marche', 'actifs - sans_deplacement'),
    ('deux_roues_motorises', 'deux_roues', 'actifs - sans_deplacement'),
    ('voiture_tous_actifs', 'voiture', 'actifs'),
    ('sans_deplacement', 'sans_deplacement', 'actifs'),
  ] %}
  select niveau, code, annee, '{{ ventilation }}' as ventilation, {{ nombre }} as nombre, {{ total }} as total,
    communes, attendues, editions
  from territoires
  {%- if nombre in ('velo', 'deux_roues') %}
  where {{ nombre }} >= 0
  {%- endif %}
  {{ "union all" if not loop.last }}
  {%- endfor %}
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
  ['insee/rp_navettes'] as jeux,
  p.editions
from parts as p
left join comptes as c on c.niveau = p.niveau and c.code = p.code and c.annee = p.annee
order by territoire_niveau, territoire_code, periode, ventilation
