"""Baromètre des résultats de l'action publique (DITP): chosen indicators by département, region and for France.

Not here: every other indicator of the barometer; add its id to `KEPT`. Three CSV files of the open repository of the
barometer, whose publication stopped in January 2023. Dates are those of the publisher (the last day of a period).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.decoding import csv_rows, table
from flows.sources.decoding import text_of as text_of_bytes
from flows.sources.reading import day_of, number_of, one, text_of, wrong

HOST = "raw.githubusercontent.com"
FOLDER = f"https://{HOST}/etalab/barometre-resultats-donnees/825d445459e2c0528811d8d511259e8682981784"
_NAME = "barometre-resultats-detail"
KEPT = ("surface-agriculture-biologique",)
SCHEMA = pa.schema(
    [
        ("id_indicateur", pa.string()),
        ("niveau", pa.string()),
        ("code", pa.string()),
        ("date", pa.date32()),
        ("valeur", pa.float64()),
        ("unite", pa.string()),
    ]
)
_NEEDED = ("id_indicateur", "date", "valeur", "unite")
# Level → name of the page, column of the code ("" when the file has one territory only).
_LEVELS = {"departement": "code_departement", "region": "code_region", "france": ""}


def addresses(territory: Territory) -> dict[str, str]:
    """Address of the file of each level."""
    return {
        "departement": f"{FOLDER}/departements/detail/{_NAME}-departement-{territory.departement}.csv",
        "region": f"{FOLDER}/{_NAME}-regional.csv",
        "france": f"{FOLDER}/{_NAME}-national.csv",
    }


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """One page a level, named by it."""
    for niveau, address in addresses(ctx.territory).items():
        yield ctx.http.get(address, expect="csv", name=niveau)


def decode(pages: Sequence[Page], territory: Territory) -> pa.Table:
    """One row an indicator kept, a territory and a date; in the unit that the publisher writes.

    Raises:
        DecodeError: not those CSV, a missing column, a figure twice, a level without any figure.
    """
    rows = []
    wanted = {"departement": territory.departement, "region": territory.region, "france": "F"}
    for niveau, column in _LEVELS.items():
        page = one(pages, niveau)
        required = (*_NEEDED, column) if column else _NEEDED
        text = text_of_bytes(page.body, page.address)
        found = 0
        for number, cells in enumerate(csv_rows(text, delimiter=",", where=page.address, required=required), start=2):
            code = (text_of(cells[column]) or "").zfill(2) if column else "F"
            if cells["id_indicateur"] not in KEPT or code != wanted[niveau]:
                continue
            found += 1
            rows.append(
                {
                    "id_indicateur": cells["id_indicateur"],
                    "niveau": niveau,
                    "code": code,
                    "date": day_of(cells["date"], page, f"ligne {number}, date"),
                    "valeur": number_of(cells["valeur"], page, f"ligne {number}, valeur"),
                    "unite": text_of(cells["unite"]),
                }
            )
        if not found:
            raise wrong("Aucun des indicateurs attendus n'est dans le fichier.", page)
    if len({(row["id_indicateur"], row["niveau"], row["date"]) for row in rows}) != len(rows):
        raise wrong("Un indicateur est écrit deux fois pour une date.", pages[0])
    return table(SCHEMA, rows, SCHEMA.names)


def datasets(territory: Territory) -> list[Dataset]:
    """`ditp/barometre`: closed, since its publication stopped."""
    return [
        Dataset(
            id="ditp/barometre",
            titre="Baromètre des résultats de l'action publique",
            editeur="Direction interministérielle de la transformation publique (DITP)",
            licence="lov2",
            attribution="DITP, baromètre des résultats de l'action publique, d'après les ministères",
            page="https://github.com/etalab/barometre-resultats-donnees",
            periodicite="ponctuelle",
            periode_mois=0,
            delai_mois=0,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("departement", "region", "france"),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant", closed=True)],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory),
            absences="La publication s'est arrêtée en janvier 2023.",
            switched_off=(
                "Débranchée : les fichiers du dépôt public du baromètre sont connus, l'adresse qui les sert est à "
                "confirmer par une première réception."
            ),
        )
    ]
