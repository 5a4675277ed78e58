"""Agreste: utilised agricultural area (SAU) by commune at the agricultural census of 2020, one zipped workbook.

Not here: shares of organic farming (the warehouse). The whole area of a farm is counted in the commune of its SEAT,
not where the land lies: a commune may exceed its own surface, or have nothing among fields. An empty cell is covered
by statistical secrecy. The workbook is an OpenDocument sheet whose first row names the columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.archives import Archive
from flows.sources.decoding import Cell, code_text, fail, sheets_of, table
from flows.sources.reading import number_of, one, plain, wrong

HOST = "agreste.agriculture.gouv.fr"
YEAR = 2020
URL = f"https://{HOST}/agreste-web/download/publication/publie/RA2020_1013/RA2020_1013_SAU_Communes.zip"
SCHEMA = pa.schema(
    [
        ("annee", pa.int64()),
        ("code_commune", pa.string()),
        ("sau_ha", pa.float64()),
        ("cereales_oleoproteagineux_ha", pa.float64()),
        ("prairies_ha", pa.float64()),
        ("cultures_permanentes_ha", pa.float64()),
    ]
)
# How the header of each column begins, accents and case set apart.
_HEADS = {
    "code_commune": "code_com",
    "sau_ha": "sau",
    "cereales_oleoproteagineux_ha": "surfaces cereales",
    "prairies_ha": "surfaces prairies",
    "cultures_permanentes_ha": "surfaces cultures",
}


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The archive, as the page `data`."""
    yield ctx.http.get(URL, expect="zip", name="data")


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a commune of the département that the workbook lists; hectares, null when suppressed.

    Raises:
        DecodeError: not one workbook, no sheet of communes, a missing column, a commune twice, no commune at all.
    """
    page = one(pages, "data")
    archive = Archive(page)
    books = [name for name in archive.names() if name.lower().endswith((".ods", ".xlsx"))]
    if len(books) != 1:
        raise wrong(f"L'archive contient {len(books)} classeurs au lieu d'un.", page)
    where = archive.where(books[0])
    sheets = {n: lines for n, lines in sheets_of(archive.read(books[0]), where).items() if "commune" in plain(n)}
    if len(sheets) != 1:
        raise wrong(f"Le classeur a {len(sheets)} feuilles de communes au lieu d'une.", page)
    ((sheet, lines),) = sheets.items()
    places = _places(lines[0] if lines else [], where)
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        code = code_text(cells[places["code_commune"]], 5)
        if not code.startswith(departement):
            continue
        row: dict[str, object] = {"annee": YEAR, "code_commune": code}
        for name, place in places.items():
            if name != "code_commune":
                row[name] = number_of(_filled(cells[place]), page, f"{sheet}, ligne {number}, {name}")
        rows.append(row)
    if not rows:
        raise wrong(f"Aucune commune du département {departement} dans le classeur.", page)
    if len({row["code_commune"] for row in rows}) != len(rows):
        raise wrong("Une commune est écrite deux fois.", page)
    return table(SCHEMA, rows, SCHEMA.names)


def _places(header: Sequence[Cell], where: str) -> dict[str, int]:
    titles = [plain(str(cell or "")) for cell in header]
    found = {}
    for name, head in _HEADS.items():
        whole = name == "code_commune"  # other codes may begin alike
        found[name] = next((i for i, t in enumerate(titles) if t == head or (not whole and t.startswith(head))), -1)
    missing = [_HEADS[name] for name, place in found.items() if place < 0]
    if missing:
        fail(f"Il manque les colonnes qui commencent par : {', '.join(missing)}.", where)
    return found


def _filled(cell: Cell) -> Cell:
    return None if cell is None or str(cell).strip() == "" else cell


def datasets(territory: Territory) -> list[Dataset]:
    """`agreste/sau_communes`: the census of 2020, closed; the next one is due ten years later."""
    return [
        Dataset(
            id="agreste/sau_communes",
            titre="Surface agricole utilisée par commune, recensement agricole 2020",
            editeur="Ministère de l'agriculture, service de la statistique et de la prospective (Agreste)",
            licence="lov2",
            attribution="Agreste, recensement agricole 2020",
            page=f"https://{HOST}/agreste-web/disaron/RA2020_1013_EPCI/detail/",
            periodicite="ponctuelle",
            periode_mois=0,
            delai_mois=0,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2020,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition(str(YEAR), closed=True)],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences=(
                "Une commune absente, ou sans valeur, est couverte par le secret ou ne compte aucun siège "
                "d'exploitation. Toute la surface d'une exploitation est comptée dans la commune de son siège."
            ),
            switched_off=(
                "Débranchée : l'adresse de l'archive et ses colonnes sont connues, à confirmer par une première "
                "réception ; le certificat du site d'Agreste demande une autorité intermédiaire."
            ),
        )
    ]
