-- Written by the landing room before the build (datasets.parquet): taken as it is, column by column.
select
  cast(jeu as varchar) as jeu,
  cast(titre as varchar) as titre,
  cast(editeur as varchar) as editeur,
  cast(licence as varchar) as licence,
  cast(licence_nom as varchar) as licence_nom,
  cast(licence_adresse as varchar) as licence_adresse,
  cast(attribution as varchar) as attribution,
  cast(page as varchar) as page,
  cast(periodicite as varchar) as periodicite,
  cast(accumulation as varchar) as accumulation,
  cast(niveaux as varchar[]) as niveaux,
  cast(cog as bigint) as cog,
  cast(absences as varchar) as absences,
  cast(brut_public as boolean) as brut_public,
  cast(raison_brut_prive as varchar) as raison_brut_prive,
  cast(simule as boolean) as simule,
  cast(etat as varchar) as etat,
  cast(etat_detail as varchar) as etat_detail,
  cast(perime_depuis as date) as perime_depuis,
  cast(derniere_nuit as date) as derniere_nuit,
  cast(editions as bigint) as editions,
  cast(lignes as bigint) as lignes,
  cast(reserve as varchar) as reserve
from {{ input('datasets') }}
order by jeu
