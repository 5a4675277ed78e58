"""DREES: potential access to general practitioners by commune, the APL workbook attached to an Explore dataset.

Not here: weighting towards an EPCI (the warehouse, by standardised population). The workbook has one sheet a year;
columns are found by their whole text, because their order and the number of title rows have changed before. The unit
row under the header has no commune code and is left out for that reason, not by counting rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import explore
from flows.sources.decoding import sheets_of, table
from flows.sources.reading import commune_of, number_of, one, text_of, wrong

HOST = "data.drees.solidarites-sante.gouv.fr"
SLUG = "530_l-accessibilite-potentielle-localisee-apl"
TITLE = "APL aux médecins généralistes"

SCHEMA = pa.schema(
    [
        ("annee", pa.int64()),
        ("code_commune", pa.string()),
        ("commune", pa.string()),
        ("apl", pa.float64()),
        ("apl_65", pa.float64()),
        ("population_standardisee", pa.float64()),
        ("population_totale", pa.float64()),
    ]
)
_SHEET = re.compile(r"APL ([0-9]{4})")
_CODE = "Code commune INSEE"
# landed column → whole text of the header, blanks squeezed; the population columns carry a year of their own
_COLUMNS = {
    "code_commune": re.compile(re.escape(_CODE)),
    "commune": re.compile("Commune"),
    "apl": re.compile("APL aux médecins généralistes"),
    "apl_65": re.compile("APL aux médecins généralistes de 65 ans et moins"),
    "population_standardisee": re.compile("Population standardisée [0-9]{4} pour la médecine générale"),
    "population_totale": re.compile("Population totale [0-9]{4}"),
}


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The list of attachments, then the workbook (`data`)."""
    listed = explore.attachments(ctx.http, HOST, SLUG)
    address = explore.attachment_address(listed, HOST, SLUG, TITLE)
    workbook = ctx.http.get(address, expect="xlsx", name="data")
    yield listed
    yield workbook


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the dataset."""
    return explore.default_meta(explore.metadata(ctx.http, HOST, SLUG), "modified")


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """Communes of the département, every sheet; consultations a year and a standardised inhabitant.

    Raises:
        DecodeError: not a workbook, no yearly sheet, a missing header or column, a doubled commune, no row at all.
    """
    page = one(pages, "data")
    sheets = {
        int(m[1]): lines
        for name, lines in sheets_of(page.body, page.address).items()
        if (m := _SHEET.fullmatch(name.strip()))
    }
    if not sheets:
        raise wrong("Aucune feuille du classeur n'est nommée « APL AAAA ».", page)
    rows = [row for year in sorted(sheets) for row in _sheet(sheets[year], year, departement, page)]
    if not rows:
        raise wrong(f"Aucune commune du département {departement} dans le classeur.", page)
    if len({(row["annee"], row["code_commune"]) for row in rows}) != len(rows):
        raise wrong("Une commune est écrite deux fois dans une même année.", page)
    return table(SCHEMA, rows, SCHEMA.names)


def _sheet(lines: list[list[Any]], year: int, departement: str, page: Page) -> Iterator[dict[str, Any]]:
    sheet = f"feuille APL {year}"
    heads = [[" ".join(str(cell).split()) for cell in line] for line in lines]
    header = next((i for i, cells in enumerate(heads) if _CODE in cells), None)
    if header is None:
        raise wrong(f"Pas de ligne d'en-tête avec « {_CODE} ».", page, sheet)
    places: dict[str, int] = {}
    for name, pattern in _COLUMNS.items():
        found = [i for i, cell in enumerate(heads[header]) if pattern.fullmatch(cell)]
        if len(found) != 1:
            raise wrong(f"{len(found)} colonne « {pattern.pattern} » au lieu d'une.", page, sheet)
        places[name] = found[0]
    for line in lines[header + 1 :]:
        code = commune_of(line[places["code_commune"]])
        if code is None or not code.startswith(departement):
            continue
        cells = {name: line[place] for name, place in places.items()}
        yield {
            "annee": year,
            "code_commune": code,
            "commune": text_of(cells["commune"]),
            **{
                name: _figure(cells.get(name), page, f"{sheet}, {code}, {name}")
                for name in ("apl", "apl_65", "population_standardisee", "population_totale")
            },
        }


def _figure(value: Any, page: Page, where: str) -> float | None:
    """A figure of the workbook; `NA` and `nd` are how the publisher writes an absence."""
    if isinstance(value, str) and value.strip().upper() in {"NA", "ND", "N.D."}:
        return None
    return number_of(value, page, where)


def datasets(territory: Territory) -> list[Dataset]:
    """`drees/apl_generalistes`."""
    return [
        Dataset(
            id="drees/apl_generalistes",
            titre="Accessibilité potentielle localisée (APL) aux médecins généralistes",
            editeur="DREES",
            licence="lov2",
            attribution="DREES, accessibilité potentielle localisée",
            page=f"https://{HOST}/explore/dataset/{SLUG}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=18,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2024,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences="Mayotte n'est pas couverte ; Paris, Lyon et Marseille sont donnés par arrondissement.",
            probe=probe,
        )
    ]
