-- Written by the landing room before the build (corrections.parquet): what became of each steward's correction.
select
  cast(jeu as varchar) as jeu,
  cast(cle as varchar) as cle,
  cast(colonne as varchar) as colonne,
  cast(valeur_source as varchar) as valeur_source,
  cast(valeur_corrigee as varchar) as valeur_corrigee,
  cast(motif as varchar) as motif,
  cast(ticket as varchar) as ticket,
  cast(auteur as varchar) as auteur,
  cast(date as date) as date,
  cast(etat as varchar) as etat,
  cast(detail as varchar) as detail,
  cast(lignes as bigint) as lignes
from {{ input('corrections') }}
order by jeu, cle, colonne
