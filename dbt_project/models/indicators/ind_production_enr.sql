-- Renewable electricity injected over the last twelve months (national registry), in GWh, and three figures that stand
-- beside the total without ever entering it: mine gas (a recovery, not a renewable energy), the capacity of biomethane
-- sites (what they may inject, not what they did), and what Enedis published for past years (its own network only).
-- The registry hides or lacks the energy of some installations: each commune is known, partial (a floor, `estime`)
-- or unknown (no figure at all), and a sum over several communes is as good as its weakest member.
-- Each state of the registry that was received gives its own twelve months.
with lignes as (
  -- The registry files mine gas under non-renewable thermal: which commune it is comes from dbt_project.yml.
  select r.*,
    case
      when r.filiere_renouvelable <> '' then r.filiere_renouvelable
      {%- for g in var('gaz_de_mine') %}
      when r.code_commune = '{{ g.code_commune }}' and r.filiere = '{{ g.filiere }}' then 'gaz_de_mine'
      {%- endfor %}
      else ''
    end as ventilation
  from {{ ref('stg_odre__registre') }} as r
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

regroupe as (
  select p.niveau, p.code, v.date_etat, v.ventilation,
    {{ somme("case when v.connaissance <> 'inconnu' then v.energie_injectee_kwh end") }} as kwh,
    count(*) filter (where v.connaissance <> 'inconnu' and v.energie_injectee_kwh is not null) as connues,
    count(distinct v.code_commune) filter (where v.connaissance <> 'connu') as communes_incompletes,
    count(distinct v.code_commune) as communes,
    {{ editions_de('v.edition') }} as editions
  from places as p
  inner join (
    select * from lignes where ventilation <> ''
    union all
    select * replace ('' as ventilation) from lignes where ventilation not in ('', 'gaz_de_mine')
  ) as v on v.code_commune = p.code_commune
  group by p.niveau, p.code, v.date_etat, v.ventilation
),

-- A commune without any line: no renewable installation is registered there, which does not prove that none exists.
absentes as (
  select c.code_commune, e.date_etat, e.editions
  from {{ ref('int_communes') }} as c
  cross join (
    select date_etat, {{ editions_de('edition') }} as editions
    from lignes where ventilation not in ('', 'gaz_de_mine') group by date_etat
  ) as e
  where not exists (
      select 1 from lignes as l
      where l.code_commune = c.code_commune and l.date_etat = e.date_etat
        and l.ventilation not in ('', 'gaz_de_mine')
    )
),

tout as (
  select niveau, code, date_etat, ventilation, kwh, connues, communes_incompletes, communes, editions from regroupe
  union all
  select 'commune', code_commune, date_etat, '', null, 0, 0, 0, editions from absentes
),

-- Every territory that lines with commune, département and region make.
sites as (
  select 'commune' as niveau, b.code_commune as code, b.capacite_gwh, b.edition
  from {{ ref('stg_odre__biomethane') }} as b
  inner join {{ ref('int_communes') }} as c on c.code_commune = b.code_commune
  union all
  select a.niveau, a.code, b.capacite_gwh, b.edition
  from {{ ref('stg_odre__biomethane') }} as b
  inner join {{ ref('int_appartenances') }} as a on a.code_commune = b.code_commune
  union all
  select 'departement', code_departement, capacite_gwh, edition
  from {{ ref('stg_odre__biomethane') }} where code_departement = '{{ var("departement") }}'
  union all
  select 'region', code_region, capacite_gwh, edition
  from {{ ref('stg_odre__biomethane') }} where code_region = '{{ var("region") }}'
),

biomethane as (
  select niveau, code, {{ somme('capacite_gwh') }} as gwh, count(*) as n, count(capacite_gwh) as connues,
    {{ editions_de('edition') }} as editions,
    -- The list has no date of its own: its newest commissioning says up to when it goes, at least.
    (select max(mise_en_service) from {{ ref('stg_odre__biomethane') }}) as arrete
  from sites
  group by niveau, code
),

enedis as (
  select niveau, code, annee, {{ somme('production_mwh') }} as mwh, {{ somme('nb_sites') }} as sites,
    {{ editions_de('edition') }} as editions
  from (
    select 'commune' as niveau, e.code_commune as code, e.*
    from {{ ref('stg_enedis__production') }} as e
    inner join {{ ref('int_communes') }} as c on c.code_commune = e.code_commune
    union all
    select a.niveau, a.code, e.*
    from {{ ref('stg_enedis__production') }} as e
    inner join {{ ref('int_appartenances') }} as a on a.code_commune = e.code_commune
    union all
    select 'departement', e.code_departement, e.* from {{ ref('stg_enedis__production') }} as e
    where e.code_departement = '{{ var("departement") }}'
  )
  where filiere = 'photovoltaique'
  group by niveau, code, annee
),

ouvertes as (
  select
    t.niveau as territoire_niveau,
    t.code as territoire_code,
    strftime(t.date_etat, '%Y-%m') as periode,
    t.ventilation,
    case when t.connues > 0 then t.kwh / 1000000 end as valeur,
    cast(null as double) as borne_basse,
    cast(null as double) as borne_haute,
    case
      when t.connues = 0 then 'manquant'
      when t.communes_incompletes > 0 then 'estime'
      else 'definitif'
    end as statut,
    'recalcule' as nature,
    concat_ws(' ',
      case when t.connues > 0 then 'Énergie injectée sur douze mois, registre arrêté au '
        || {{ date_fr('t.date_etat') }} || '.' end,
      case when t.ventilation = 'gaz_de_mine' then 'Énergie de récupération, hors du total renouvelable.' end,
      case
        when t.communes = 0 then 'Aucune installation renouvelable inscrite au registre : ce n’est pas un zéro vérifié.'
        when t.connues = 0 then 'L’énergie des installations inscrites n’est pas publiée.'
        when t.communes_incompletes > 0 and t.niveau = 'commune'
          then 'Valeur plancher : l’énergie d’une partie des installations n’est pas publiée.'
        when t.communes_incompletes > 0
          then 'Valeur plancher : dans '
            || case when t.communes_incompletes = 1 then 'une commune' else t.communes_incompletes || ' communes' end
            || ', l’énergie d’une partie des installations n’est pas publiée.'
      end
    ) as note,
    'Registre ODRÉ au ' || strftime(t.date_etat, '%Y-%m-%d') as millesime,
    ['odre/registre'] as jeux,
    t.editions
  from tout as t
  union all
  select
    niveau, code, strftime(arrete, '%Y-%m'), 'biomethane_capacite', case when connues > 0 then gwh end, null, null,
    case when connues = 0 then 'manquant' when connues < n then 'estime' else 'definitif' end,
    'recalcule',
    'Capacité d’injection ' || case when n = 1 then 'd’un site' else 'de ' || n || ' sites' end
      || ' : ce n’est pas l’énergie injectée, et elle n’entre pas dans le total.',
    'Sites d’injection en service, liste arrêtée en ' || {{ mois_fr('month(arrete)') }} || ' ' || year(arrete),
    ['odre/biomethane'],
    editions
  from biomethane
  union all
  select
    niveau, code, cast(annee as varchar), 'photovoltaique_enedis', mwh / 1000, null, null,
    case when mwh is null then 'manquant' else 'estime' end,
    'recalcule',
    'Valeur plancher : réseau d’Enedis seulement, et les communes où trop peu d’installations produisent ne sont pas '
      || 'publiées. ' || {{ nombre_fr('sites', 0) }} || ' installations comptées.',
    'Enedis ' || annee,
    ['enedis/production'],
    editions
  from enedis
)

{{ avec_saisies('production_enr', 'ouvertes') }}
order by territoire_niveau, territoire_code, periode, ventilation
