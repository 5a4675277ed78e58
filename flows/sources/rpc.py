"""Registre de preuve de covoiturage: shared car trips by EPCI and year, one CSV behind data.gouv.fr.

Not here: trips per inhabitant (the warehouse). The register knows the trips that the connected platforms certify:
car sharing arranged between neighbours or colleagues is not in it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import separated, table
from flows.sources.decoding import text_of as text_of_bytes
from flows.sources.reading import number_of, one, text_of, whole_of, wrong

WANTED = datagouv.Wanted(
    dataset="registre-de-preuve-de-covoiturage-trajets-par-epci", title=r"trajets", format="csv", expect="csv"
)
SCHEMA = pa.schema(
    [("annee", pa.int64()), ("territoryid", pa.string()), ("lieu", pa.string()), ("valeur", pa.float64())]
)
fetch, probe = datagouv.whole_file(WANTED)


def decode(pages: Sequence[Page], territory: Territory) -> pa.Table:
    """One row an EPCI of the territory and a year: trips certified in the year.

    Raises:
        DecodeError: not that CSV, unreadable or negative figures, an EPCI twice a year, no EPCI of the territory.
    """
    page = one(pages, "data")
    rows = []
    lines = separated(text_of_bytes(page.body, page.address), where=page.address, required=SCHEMA.names)
    for number, cells in enumerate(lines, start=2):
        epci = text_of(cells["territoryid"])
        if epci not in territory.epcis:
            continue
        year = whole_of(cells["annee"], page, f"ligne {number}, annee")
        value = number_of(cells["valeur"], page, f"ligne {number}, valeur")
        if year is None or (value is not None and value < 0):
            raise wrong("Une ligne n'a pas d'année, ou un nombre de trajets négatif.", page, f"ligne {number}")
        rows.append({"annee": year, "territoryid": epci, "lieu": text_of(cells["lieu"]), "valeur": value})
    if not rows:
        raise wrong("Aucun EPCI du territoire dans le fichier.", page)
    if len({(row["annee"], row["territoryid"]) for row in rows}) != len(rows):
        raise wrong("Un EPCI est écrit deux fois pour une année.", page)
    return table(SCHEMA, rows, SCHEMA.names)


def datasets(territory: Territory) -> list[Dataset]:
    """`rpc/trajets_epci`."""
    return [
        Dataset(
            id="rpc/trajets_epci",
            titre="Trajets de covoiturage enregistrés par intercommunalité",
            editeur="Ministère de la transition écologique, registre de preuve de covoiturage",
            licence="lov2",
            attribution="Registre de preuve de covoiturage, tableau de bord des mobilités durables",
            page="https://covoiturage.beta.gouv.fr/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=6,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("epci",),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory),
            absences="Seuls les trajets certifiés par les plateformes y sont.",
            probe=probe,
            switched_off=(
                "Débranchée : la forme du fichier est connue, mais ni son adresse ni l'identifiant de son jeu ne "
                "l'est ; à trouver auprès du tableau de bord des mobilités durables."
            ),
        )
    ]
