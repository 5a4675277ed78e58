-- Hectares of brownfield sites recorded as converted, and the stock that remains. A site « potentielle » comes from an
-- old register and was not verified: it is counted apart, never in the stock. The file has no history: its own date.
with places as (
  select 'commune' as niveau, code_commune as code, code_commune from {{ ref('int_communes') }}
  union all
  select niveau, code, code_commune from {{ ref('int_appartenances') }}
),

comptes as (
  select p.niveau, p.code,
    coalesce(sum(cast(s.surface_m2 as decimal(38, 6))) filter (where s.etat = 'reconvertie'), 0) as reconvertie,
    coalesce(sum(cast(s.surface_m2 as decimal(38, 6))) filter (where s.etat = 'avec_projet'), 0) as avec_projet,
    coalesce(sum(cast(s.surface_m2 as decimal(38, 6))) filter (where s.etat = 'sans_projet'), 0) as sans_projet,
    count(*) filter (where s.etat in ('reconvertie', 'avec_projet', 'sans_projet')) as sites,
    count(*) filter (where s.etat = 'potentielle') as potentiels,
    count(*) filter (where s.etat = 'reconvertie') as sites_reconvertis,
    count(*) filter (where s.etat <> 'potentielle' and s.surface_m2 is null) as sans_surface,
    max(s.date_etat) as date_etat,
    {{ editions_de('s.edition') }} as editions
  from places as p
  inner join {{ ref('stg_cartofriches__sites') }} as s on s.code_commune = p.code_commune
  where s.etat is not null
  group by p.niveau, p.code
),

ventile as (
  select *, '' as ventilation, cast(reconvertie as double) / 10000 as valeur from comptes
  union all
  select *, 'avec_projet', cast(avec_projet as double) / 10000 from comptes
  union all
  select *, 'sans_projet', cast(sans_projet as double) / 10000 from comptes
  union all
  select *, 'sites', cast(sites as double) from comptes
  union all
  select *, 'potentiels', cast(potentiels as double) from comptes
),

ouvertes as (
  select
    niveau as territoire_niveau,
    code as territoire_code,
    strftime(date_etat, '%Y-%m') as periode,
    ventilation,
    valeur,
    cast(null as double) as borne_basse,
    cast(null as double) as borne_haute,
    -- Contributors record what they know: no figure here is a complete count.
    'estime' as statut,
    'recalcule' as nature,
    concat_ws(' ',
      case
        when ventilation = 'potentiels'
          then 'Sites d’anciens registres, non vérifiés par le Cerema : ils ne font pas partie de l’inventaire.'
        when ventilation = '' and sites_reconvertis = 0
          then 'Aucun site enregistré comme reconverti : ce n’est pas la preuve qu’aucune friche ne l’a été.'
        else 'Recensement non exhaustif.'
      end,
      case when ventilation in ('', 'avec_projet', 'sans_projet') and sans_surface > 0
        then sans_surface || case when sans_surface = 1 then ' site sans surface connue.'
          else ' sites sans surface connue.' end end
    ) as note,
    'Cartofriches au ' || strftime(date_etat, '%Y-%m-%d') as millesime,
    ['cartofriches/sites'] as jeux,
    editions
  from ventile
)

{{ avec_saisies('friches_reconverties', 'ouvertes') }}
order by territoire_niveau, territoire_code, periode, ventilation
