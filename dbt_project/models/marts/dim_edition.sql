-- Written by the landing room before the build (editions.parquet): taken as it is, column by column.
select
  cast(edition as varchar) as edition,
  cast(jeu as varchar) as jeu,
  cast("partition" as varchar) as "partition",
  cast(nuit as date) as nuit,
  cast(recu_le as varchar) as recu_le,
  cast(page as bigint) as page,
  cast(adresse as varchar) as adresse,
  cast(transport as varchar) as transport,
  cast(sha256 as varchar) as sha256,
  cast(octets as bigint) as octets,
  cast(type_contenu as varchar) as type_contenu,
  cast(lignes as bigint) as lignes,
  cast(empreinte as varchar) as empreinte,
  cast(simule as boolean) as simule,
  cast(brut_public as boolean) as brut_public
from {{ input('editions') }}
order by jeu, edition, page
