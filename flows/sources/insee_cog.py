"""Insee, code officiel géographique: communes of the département, what became of old ones, members of EPCI by year.

Two files of the site. The COG archive holds the communes of 1 January and every movement since 1943; the `table
d'appartenance géographique` says, each year, in which EPCI a commune is. Not here: the passage from an old code to
today's and the perimeters compared (the warehouse). Codes are text; only our département is kept.

The formats are those of original files. The addresses of the tables of 2023 to 2025 are known; the page number of the
COG of 2024 and the names of older tables are deduced: both are switched off until someone opens them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.archives import Archive
from flows.sources.decoding import csv_rows, fail, require, sheets_of, table, text_of

BASE = "https://www.insee.fr/fr/statistiques/fichier"
YEAR = 2024  # of the COG that the observatory's communes follow
COG = f"{BASE}/7766585/cog_ensemble_{YEAR}_csv.zip"
FIRST_YEAR = 2008
SHEET, CODES_ROW = "COM", 5

COMMUNES = pa.schema(
    [
        ("objet", pa.string()),  # commune (one of today: only `_ap` columns) or mouvement
        ("mod", pa.int64()),
        ("date_eff", pa.date32()),
        ("typecom_av", pa.string()),
        ("com_av", pa.string()),
        ("libelle_av", pa.string()),
        ("typecom_ap", pa.string()),
        ("com_ap", pa.string()),
        ("libelle_ap", pa.string()),
    ]
)
MEMBERS = pa.schema([("annee", pa.int64()), ("codgeo", pa.string()), ("libgeo", pa.string()), ("epci", pa.string())])
_NOW = ("TYPECOM", "COM", "LIBELLE")
_MOVED = ("MOD", "DATE_EFF", "TYPECOM_AV", "COM_AV", "LIBELLE_AV", "TYPECOM_AP", "COM_AP", "LIBELLE_AP")
_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}")
_TABLE = re.compile(r"communes-(?:20)?([0-9]{2})\.zip$")


def members_address(year: int) -> str:
    """Address of the table of one year: four digits since 2024, two before."""
    said = str(year) if year >= 2024 else f"{year % 100:02d}"
    return f"{BASE}/7671844/table-appartenance-geo-communes-{said}.zip"


def _whole(ctx: FetchContext) -> Iterable[Partition]:
    return [Partition("courant")]


def fetch_cog(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The archive of the year (`archive`)."""
    yield ctx.http.get(COG, expect="zip", name="archive")


def fetch_members(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """One archive a year (`2008`…), all in one edition: a year alone would say nothing of what changed."""
    for year in range(FIRST_YEAR, YEAR + 1):
        yield ctx.http.get(members_address(year), expect="zip", name=str(year))


def decode_cog(pages: Sequence[Page], departement: str) -> pa.Table:
    """Communes of today (`objet` commune), then the movements that touch the département (`objet` mouvement).

    Files are known by their columns: their names change with the year.

    Raises:
        DecodeError: no file of communes or of movements, a missing column, a code, type or date that is not one, no
            commune of the département, a commune or a movement twice.
    """
    archive = Archive(pages[0])
    rows: list[dict[str, Any]] = []
    found = set()
    for name in archive.csv_members():
        where = archive.where(name)
        text = text_of(archive.read(name), where)
        header = {cell.strip().strip('"') for cell in text.split("\n", 1)[0].split(",")}
        if "MOD" in header:
            found.add("mouvements")
            lines = csv_rows(text, delimiter=",", where=where, required=_MOVED)
            rows += [_moved(line, where) for line in lines if _ours(line, ("COM_AV", "COM_AP"), departement)]
        elif "TYPECOM" in header:
            found.add("communes")
            lines = csv_rows(text, delimiter=",", where=where, required=_NOW)
            whole = (line for line in lines if line["TYPECOM"] == "COM" and _ours(line, ("COM",), departement))
            rows += [_now(line, where) for line in whole]
    if missing := sorted({"communes", "mouvements"} - found):
        fail(f"L'archive n'a pas de fichier des {' ni des '.join(missing)}.", pages[0].address)
    codes = [row["com_ap"] for row in rows if row["objet"] == "commune"]
    if not codes:
        fail(f"Aucune commune du département {departement} dans l'archive.", pages[0].address)
    if len(set(codes)) != len(codes):
        fail("Une commune est écrite deux fois.", pages[0].address)
    if len({tuple(row.values()) for row in rows}) != len(rows):
        fail("Un mouvement est écrit deux fois.", pages[0].address)
    return table(COMMUNES, rows, COMMUNES.names)


def _ours(line: dict[str, str], columns: Sequence[str], departement: str) -> bool:
    return any(line[name].strip().startswith(departement) for name in columns)


def _now(line: dict[str, str], where: str) -> dict[str, Any]:
    return {
        "objet": "commune",
        "mod": None,
        "date_eff": None,
        "typecom_av": None,
        "com_av": None,
        "libelle_av": None,
        "typecom_ap": line["TYPECOM"].strip(),
        "com_ap": _code(line["COM"], where),
        "libelle_ap": line["LIBELLE"].strip(),
    }


def _moved(line: dict[str, str], where: str) -> dict[str, Any]:
    said = line["DATE_EFF"].strip()
    try:
        kind, day = int(line["MOD"]), dt.date.fromisoformat(said)
    except ValueError:
        fail(f"Un mouvement n'a pas de type ou de date lisibles : « {line['MOD']} », « {said} ».", where)
    return {
        "objet": "mouvement",
        "mod": kind,
        "date_eff": day,
        "typecom_av": line["TYPECOM_AV"].strip(),
        "com_av": _code(line["COM_AV"], where),
        "libelle_av": line["LIBELLE_AV"].strip(),
        "typecom_ap": line["TYPECOM_AP"].strip(),
        "com_ap": _code(line["COM_AP"], where),
        "libelle_ap": line["LIBELLE_AP"].strip(),
    }


def _code(cell: Any, where: str) -> str:
    text = str(cell).strip()
    if not _CODE.fullmatch(text):
        fail(f"« {text} » n'est pas un code de commune.", where)
    return text


def decode_members(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a year and a commune of the département: the SIREN of its EPCI, null for none (`ZZZZZZZZZ`).

    Raises:
        DecodeError: an address without year, no sheet or column of codes, a wrong code or SIREN, a commune twice in a
            year, a year without a commune of the département.
    """
    rows: list[dict[str, Any]] = []
    for page in pages:
        dated = _TABLE.search(page.address)
        if not dated:
            fail("L'adresse ne dit pas de quelle année est la table.", page.address)
        year = 2000 + int(dated[1])
        lines = list(_members(page, year, departement))
        if not lines:
            fail(f"Aucune commune du département {departement} dans la table de {year}.", page.address)
        if len({line["codgeo"] for line in lines}) != len(lines):
            fail(f"Une commune est écrite deux fois en {year}.", page.address)
        rows += lines
    return table(MEMBERS, rows, ("annee", "codgeo"))


def _members(page: Page, year: int, departement: str) -> Iterator[dict[str, Any]]:
    archive = Archive(page)
    books = [name for name in archive.names() if name.lower().endswith((".xlsx", ".xls"))]
    if len(books) != 1:
        fail(f"L'archive a {len(books)} classeurs au lieu d'un.", page.address)
    where = archive.where(books[0])
    sheet = sheets_of(archive.read(books[0]), where, wanted=(SHEET,)).get(SHEET)
    if sheet is None or len(sheet) <= CODES_ROW:
        fail(f"Le classeur n'a pas de feuille {SHEET} avec une ligne de codes.", where)
    header = [str(cell).strip() for cell in sheet[CODES_ROW]]
    require(header, ("CODGEO", "LIBGEO", "EPCI"), where)
    code, name, epci = (header.index(column) for column in ("CODGEO", "LIBGEO", "EPCI"))
    for cells in sheet[CODES_ROW + 1 :]:
        if not str(cells[code]).strip().startswith(departement):
            continue
        siren = str(cells[epci]).strip()
        if not re.fullmatch(r"[0-9]{9}|Z{9}|", siren):
            fail(f"« {siren} » n'est pas le SIREN d'une intercommunalité.", where)
        known = siren if siren.isdigit() else None
        yield {
            "annee": year,
            "codgeo": _code(cells[code], where),
            "libgeo": str(cells[name]).strip(),
            "epci": known,
        }


def datasets(territory: Territory) -> list[Dataset]:
    """`insee/appartenances`, `insee/cog`."""
    common: dict[str, Any] = {
        "editeur": "Insee",
        "licence": "lov2",
        "periodicite": "annuelle",
        "periode_mois": 12,
        "delai_mois": 4,
        "cycle": Cycle.ANNUEL,
        "accumulation": Accumulation.INSTANTANE,
        "niveaux": ("commune",),
        "decoder_version": 1,
        "partitions": _whole,
    }
    return [
        Dataset(
            id="insee/appartenances",
            titre="Table d'appartenance géographique des communes, année par année",
            attribution="Insee, table d'appartenance géographique des communes",
            page="https://www.insee.fr/fr/information/7671844",
            cog_year=None,  # each year's own
            schema=MEMBERS,
            fetch=fetch_members,
            decode=partial(decode_members, departement=territory.departement),
            absences="Une commune qui n'est membre d'aucune intercommunalité cette année-là n'a pas de SIREN.",
            switched_off=(
                "Adresses à confirmer : seules celles des tables de 2023 à 2025 sont connues ; celles de 2008 à 2022 "
                "en sont déduites. Les ouvrir une fois sur le site de l'Insee, puis brancher."
            ),
            **common,
        ),
        Dataset(
            id="insee/cog",
            titre=f"Code officiel géographique au 1er janvier {YEAR} : communes et mouvements depuis 1943",
            attribution="Insee, code officiel géographique",
            page="https://www.insee.fr/fr/information/2560452",
            cog_year=YEAR,
            schema=COMMUNES,
            fetch=fetch_cog,
            decode=partial(decode_cog, departement=territory.departement),
            absences="Les communes associées et déléguées d'aujourd'hui ne sont pas gardées ; rien avant 1943.",
            switched_off=(
                "Adresse à confirmer : le numéro de page change chaque année, et celui de 2024 n'a pas été vu. "
                "L'ouvrir une fois sur le site de l'Insee, puis brancher."
            ),
            **common,
        ),
    ]
