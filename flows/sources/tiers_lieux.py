"""France Tiers-Lieux: the places that answered the national census of third places.

Not here: the commune of a place (the file carries a town's name and coordinates, no official code: the warehouse
places it in a contour) and places that never answered. The file also holds telephones and mails of managers: they
are not decoded, and its bytes are not published.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import csv_rows, table
from flows.sources.decoding import text_of as utf8_of
from flows.sources.reading import day_of, number_of, one, text_of, wrong

EDITION = 2026
WANTED = datagouv.Wanted(
    dataset=f"recensement-des-tiers-lieux-en-france-{EDITION}",
    title=r"fiche[-_ ]identite",
    format="csv",
    expect="csv",
    withdrawn="chercher le jeu du nouveau recensement (un jeu par édition) et changer EDITION dans tiers_lieux.py.",
)
SCHEMA = pa.schema(
    [
        ("annee", pa.int64()),
        ("date_fichier", pa.date32()),
        ("nom", pa.string()),
        ("ville", pa.string()),
        ("code_postal", pa.string()),
        ("longitude", pa.float64()),
        ("latitude", pa.float64()),
        ("date_ouverture", pa.string()),
    ]
)
_COLUMNS = ("NOM", "VILLE", "CODPOST", "LONGITUDE", "LATITUDE", "DATE_OUV")
fetch, probe = datagouv.whole_file(WANTED)  # about 3 MB


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a place whose postal code is of the département, ordered by name; degrees WGS84, null when not located.

    Raises:
        DecodeError: a missing column, a row of another length, coordinates that are not numbers, no place at all.
    """
    page = one(pages, "data")
    published = day_of(datagouv.described(pages, WANTED).last_modified, page, "last_modified")
    rows = []
    for line in csv_rows(utf8_of(page.body, page.address), delimiter=";", where=page.address, required=_COLUMNS):
        code = line["CODPOST"].strip().zfill(5)
        if not line["NOM"].strip() or not code.startswith(departement):
            continue
        where = f"tiers-lieu {line['NOM'].strip()}"
        rows.append(
            {
                "annee": EDITION,
                "date_fichier": published,
                "nom": text_of(line["NOM"]),
                "ville": text_of(line["VILLE"]),
                "code_postal": code,
                "longitude": number_of(line["LONGITUDE"], page, where),
                "latitude": number_of(line["LATITUDE"], page, where),
                "date_ouverture": text_of(line["DATE_OUV"]),
            }
        )
    if not rows:
        raise wrong(f"Aucun tiers-lieu du département {departement} dans le fichier.", page)
    return table(SCHEMA, rows, ("nom", "code_postal", "ville"))


def datasets(territory: Territory) -> list[Dataset]:
    """`tiers_lieux/recensement`."""
    return [
        Dataset(
            id="tiers_lieux/recensement",
            titre=f"Recensement des tiers-lieux en France ({EDITION})",
            editeur="France Tiers-Lieux",
            licence="lov2",
            attribution=f"France Tiers-Lieux, recensement {EDITION}",
            page=f"https://www.data.gouv.fr/datasets/{WANTED.dataset}/",
            periodicite="irrégulière",
            periode_mois=36,
            delai_mois=12,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences="Un tiers-lieu qui n'a pas répondu au recensement n'est pas dans le fichier.",
            brut_public=False,
            raison_brut_prive="Le fichier porte des téléphones et des adresses électroniques de gestionnaires.",
            volatile=("date_fichier",),
            probe=probe,
            switched_off=(
                "À confirmer avant la mise en service : le nom du jeu et du fichier du recensement sur data.gouv.fr, "
                "sa licence et l'écriture de ses colonnes."
            ),
        )
    ]
