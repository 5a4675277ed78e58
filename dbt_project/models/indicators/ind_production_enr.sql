-- Energy injected over the last twelve months by the renewable installations of the national registry, in GWh.
-- The registry hides or lacks the energy of some installations: each commune is known, partial (a floor, `estime`)
-- or unknown (no figure at all), and a sum over several communes is as good as its weakest member.
with etat as (
  select max(date_etat) as date_etat from {{ ref('stg_odre__registre') }}
),

lignes as (
  select r.*, r.filiere_renouvelable as ventilation
  from {{ ref('stg_odre__registre') }} as r
  where r.filiere_renouvelable <> ''
),

places as (
  select 'commune' as niveau, code_commune as code, code_commune, 1 as attendues from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune, attendues from {{ ref('int_appartenances') }}
),

regroupe as (
  select p.niveau, p.code, v.ventilation,
    {{ somme("case when v.connaissance <> 'inconnu' then v.energie_injectee_kwh end") }} as kwh,
    count(*) filter (where v.connaissance <> 'inconnu' and v.energie_injectee_kwh is not null) as connues,
    count(distinct v.code_commune) filter (where v.connaissance <> 'connu') as communes_incompletes,
    count(distinct v.code_commune) as communes,
    max(p.attendues) as attendues,
    {{ editions_de('v.edition') }} as editions
  from places as p
  inner join (
    select * from lignes
    union all
    select * replace ('' as ventilation) from lignes
  ) as v on v.code_commune = p.code_commune
  group by p.niveau, p.code, v.ventilation
),

-- A commune without any line: no renewable installation is registered there, which does not prove that none exists.
absentes as (
  select c.code_commune
  from {{ ref('int_communes') }} as c
  where not exists (select 1 from lignes as l where l.code_commune = c.code_commune)
    and exists (select 1 from lignes)
),

tout as (
  select niveau, code, ventilation, kwh, connues, communes_incompletes, communes, attendues, editions from regroupe
  union all
  select 'commune', a.code_commune, '', null, 0, 0, 0, 1,
    (select {{ editions_de('edition') }} from lignes)
  from absentes as a
)

select
  t.niveau as territoire_niveau,
  t.code as territoire_code,
  strftime(e.date_etat, '%Y-%m') as periode,
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
      || {{ date_fr('e.date_etat') }} || '.' end,
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
  'Registre ODRÉ au ' || strftime(e.date_etat, '%Y-%m-%d') as millesime,
  ['odre/registre'] as jeux,
  t.editions
from tout as t
cross join etat as e
order by territoire_niveau, territoire_code, ventilation
