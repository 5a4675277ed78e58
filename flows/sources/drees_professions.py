"""DREES: potential access to dentists, nurses and midwives by commune, three workbooks beside that of doctors.

Not here: general practitioners (drees.py), whose unit is another (consultations a year): here it is full-time
equivalents for 100,000 standardised inhabitants, women only for midwives. Each workbook has one sheet a year; the
header says the profession, so that a workbook attached under the wrong title is not taken for another. The titles of
the attachments are those of the sheets; the attachments themselves were never listed here (`reserve`).
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
from flows.sources.drees import HOST, SLUG
from flows.sources.reading import commune_of, number_of, one, text_of, wrong

# profession landed → as headers and titles say it
PROFESSIONS = {
    "chirurgiens_dentistes": "chirurgiens-dentistes",
    "infirmieres": "infirmières",
    "sages_femmes": "sages-femmes",
}

SCHEMA = pa.schema(
    [
        ("annee", pa.int64()),
        ("profession", pa.string()),
        ("code_commune", pa.string()),
        ("commune", pa.string()),
        ("apl", pa.float64()),
        ("population_standardisee", pa.float64()),
        ("population_totale", pa.float64()),
    ]
)
_SHEET = re.compile(r"APL ([0-9]{4})")
_CODE = "Code commune INSEE"
_LABEL = re.compile("Commune")
_APL = re.compile(r"APL aux (.+)")
_STANDARDISED = re.compile(r"Population (?:féminine )?standardisée [0-9]{4} pour les (.+)")
_TOTAL = re.compile(r"Population totale [0-9]{4}")


def partitions(ctx: FetchContext) -> list[Partition]:
    """One partition a profession."""
    return [Partition(name.replace("_", "-"), {"title": f"APL aux {said}"}) for name, said in PROFESSIONS.items()]


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The list of attachments, then the workbook (`data`)."""
    listed = explore.attachments(ctx.http, HOST, SLUG)
    yield listed
    address = explore.attachment_address(listed, HOST, SLUG, partition.params["title"])
    yield ctx.http.get(address, expect="xlsx", name="data")


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the dataset."""
    return explore.default_meta(explore.metadata(ctx.http, HOST, SLUG), "modified")


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """Communes of the département, every sheet of one workbook.

    Raises:
        DecodeError: not a workbook, no yearly sheet, a header without the profession or with two of them, a figure
            that is no number, a commune twice, no row at all.
    """
    page = one(pages, "data")
    sheets = {
        int(found[1]): lines
        for name, lines in sheets_of(page.body, page.address).items()
        if (found := _SHEET.fullmatch(name.strip()))
    }
    if not sheets:
        raise wrong("Aucune feuille du classeur n'est nommée « APL AAAA ».", page)
    rows = [row for year in sorted(sheets) for row in _sheet(sheets[year], year, departement, page)]
    if not rows:
        raise wrong(f"Aucune commune du département {departement} dans le classeur.", page)
    if len({row["profession"] for row in rows}) > 1:
        raise wrong("Les feuilles du classeur ne sont pas de la même profession.", page)
    if len({(row["annee"], row["code_commune"]) for row in rows}) != len(rows):
        raise wrong("Une commune est écrite deux fois dans une même année.", page)
    return table(SCHEMA, rows, ("annee", "profession", "code_commune"))


def _sheet(lines: list[list[Any]], year: int, departement: str, page: Page) -> Iterator[dict[str, Any]]:
    sheet = f"feuille APL {year}"
    heads = [[" ".join(str(cell).split()) for cell in line] for line in lines]
    at = next((i for i, cells in enumerate(heads) if _CODE in cells), None)
    if at is None:
        raise wrong(f"Pas de ligne d'en-tête avec « {_CODE} ».", page, sheet)
    header = heads[at]
    apl, standardised, total = (_only(header, pattern, page, sheet) for pattern in (_APL, _STANDARDISED, _TOTAL))
    said = _APL.fullmatch(header[apl])
    profession = {text: name for name, text in PROFESSIONS.items()}.get(said[1] if said else "")
    if profession is None or not header[standardised].endswith(PROFESSIONS[profession]):
        raise wrong(
            f"« {header[apl]} » n'est pas une profession connue, ou la population est d'une autre.", page, sheet
        )
    code, label = header.index(_CODE), _only(header, _LABEL, page, sheet)
    for line in lines[at + 1 :]:
        commune = commune_of(line[code])
        if commune is None or not commune.startswith(departement):  # the row of units has no code
            continue
        where = f"{sheet}, {commune}"
        yield {
            "annee": year,
            "profession": profession,
            "code_commune": commune,
            "commune": text_of(line[label]),
            "apl": number_of(line[apl], page, f"{where}, APL"),
            "population_standardisee": number_of(line[standardised], page, f"{where}, population standardisée"),
            "population_totale": number_of(line[total], page, f"{where}, population totale"),
        }


def _only(header: list[str], pattern: re.Pattern[str], page: Page, sheet: str) -> int:
    found = [i for i, cell in enumerate(header) if pattern.fullmatch(cell)]
    if len(found) != 1:
        raise wrong(f"{len(found)} colonne « {pattern.pattern} » au lieu d'une.", page, sheet)
    return found[0]


def datasets(territory: Territory) -> list[Dataset]:
    """`drees/apl_professions`."""
    return [
        Dataset(
            id="drees/apl_professions",
            titre="Accessibilité potentielle localisée (APL) aux dentistes, infirmières et sages-femmes",
            editeur="DREES",
            licence="lov2",
            attribution="DREES, accessibilité potentielle localisée",
            page=f"https://{HOST}/explore/dataset/{SLUG}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=24,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2023,
            schema=SCHEMA,
            decoder_version=1,
            partitions=partitions,
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            probe=probe,
            absences="Mayotte n’est pas couverte.",
            reserve=(
                "Les classeurs ont été lus feuille par feuille ; le titre des pièces jointes de la DREES est à "
                "confirmer."
            ),
        )
    ]
