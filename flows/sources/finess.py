"""FINESS: establishments that house the elderly or give care, with their places, from two national files.

Not here: which places count and the population they are compared with (the warehouse). The establishments come in
either of two forms, told apart by their first record:

- `cs1100502`, the stock of data.gouv.fr: no header, a first record `finess;etalab;111;AAAA-MM-JJ`, then `structureet`
  and 31 cells;
- its re-exposition, with a header of the same names and coordinates; no date of its own, so that the newest
  `datemaj` stands for it.

Places come from `cs1100505` (equipment of social and medico-social establishments): records `equipementsocial`, read
by place because there is no header. Only lodging (activity 11, « hébergement complet internat ») that is not
withdrawn is counted, in places installed. Source of the places of its columns: two public programs that read it.

A commune is written in two cells: `59` and `526` make 59526, overseas `9A` to `9F` and `606` make 97606.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import SourceWithdrawn
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import table
from flows.sources.reading import day_of, named, one, whole_of, wrong

STOCK = datagouv.Wanted(
    dataset="finess-extraction-du-fichier-des-etablissements", title=r"cs1100502|^finess", format="csv", expect="csv"
)
EQUIPMENT = datagouv.Wanted(
    dataset="finess-extraction-des-equipements-sociaux-et-medico-sociaux",
    title=r"cs1100505|^finess",
    format="csv",
    expect="csv",
)
REEXPOSED = "https://data-pipeline-open.s3.sbg.io.cloud.ovh.net/finess/finess_etablissements.csv"

# Homes for the elderly (500 EHPAD, 501 and 502 other homes, 202 résidences autonomie), then care: 355 hospitals,
# 603 maisons de santé, 124 centres de santé, 620 pharmacies.
CATEGORIES = ("124", "202", "355", "500", "501", "502", "603", "620")
LODGING = "11"

SCHEMA = pa.schema(
    [
        ("nofinesset", pa.string()),
        ("code_commune", pa.string()),
        ("categorie", pa.string()),
        ("libelle_categorie", pa.string()),
        ("date_ouverture", pa.date32()),
        ("places", pa.int64()),
        ("date_etat", pa.date32()),
    ]
)
# Cells of a `structureet` record after its first, in the names of the re-exposed file.
_STOCK = re.findall(
    r"\w+",
    "nofinesset nofinessej rs rslongue complrs compldistrib numvoie typvoie voie compvoie lieuditbp commune "
    "departement libdepartement ligneacheminement telephone telecopie categetab libcategetab categagretab "
    "libcategagretab siret codeape codemft libmft codesph libsph dateouv dateautor datemaj numuai",
)
_NEEDED = ("nofinesset", "commune", "departement", "categetab", "libcategetab", "dateouv", "datemaj")
# `finess` dates the file; the geolocated variant appends `geolocalisation`.
_KINDS = ("finess", "structureet", "geolocalisation", "equipementsocial")
_NUMBERS = re.compile(r"[0-9A-Z]{9};[0-9A-Z]{9}$")  # of an establishment and of who runs it
_EQUIPMENT_CELLS = 25  # the last one read is « autorisation supprimée »
_UNKNOWN_DAY = "1900-01-01"


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """Both files with the pages that led to them; the re-exposed establishments when the stock is withdrawn."""
    try:
        yield from _named(datagouv.download(ctx.http, STOCK), "etablissements")
    except SourceWithdrawn:
        yield ctx.http.get(REEXPOSED, expect="csv", name="etablissements")
    yield from _named(datagouv.download(ctx.http, EQUIPMENT), "equipements")


def _named(pages: Iterator[Page], name: str) -> Iterator[Page]:
    for page in pages:
        yield dataclasses.replace(page, name=name if page.name == "data" else f"decouverte-{name}-{page.name}")


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Checksums of both files, or their dates."""
    return " ".join(datagouv.resource(ctx.http, wanted)[1].token for wanted in (STOCK, EQUIPMENT))


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row an establishment of the département and of a category kept; `places` null when it has no equipment.

    Raises:
        DecodeError: neither form, a record cut short, an establishment twice, a capacity that is no number, no date,
            no establishment of the département.
    """
    page = one(pages, "etablissements")
    date_etat, found = _establishments(page)
    places = _places(named(pages, "equipements"), departement)
    rows = {}
    for number, row in found:
        if row["categetab"] not in CATEGORIES or commune_of(row)[:2] != departement:
            continue
        if row["nofinesset"] in rows:
            raise wrong(f"L'établissement {row['nofinesset']} est écrit deux fois (ligne {number}).", page)
        rows[row["nofinesset"]] = {
            "nofinesset": row["nofinesset"],
            "code_commune": commune_of(row),
            "categorie": row["categetab"],
            "libelle_categorie": row["libcategetab"],
            "date_ouverture": _day(row["dateouv"], page, f"ligne {number}, dateouv"),
            "places": places.get(row["nofinesset"]),
            "date_etat": date_etat,
        }
    if not rows:
        raise wrong(f"Aucun établissement du département {departement}.", page)
    return table(SCHEMA, rows.values(), ("nofinesset",))


def commune_of(row: dict[str, str]) -> str:
    """Insee code of the commune of an establishment, from its two cells."""
    area = row["departement"].strip().upper()
    return f"{'97' if re.fullmatch('9[A-F]', area) else area}{row['commune'].strip().zfill(3)}"


def _establishments(page: Page) -> tuple[dt.date, list[tuple[int, dict[str, str]]]]:
    """The date of the state of the file, and (line, cells by name) of every establishment."""
    lines = _lines(page)
    first = next(lines, (0, []))[1]
    if first[:2] == ["finess", "etalab"]:
        if len(first) < 4:
            raise wrong("Le premier enregistrement ne dit pas sa date.", page, "ligne 1")
        date_etat = day_of(first[3], page, "ligne 1")
        rows = []
        for number, cells in lines:
            if not _is("structureet", cells, page, number):
                continue
            if len(cells) != len(_STOCK) + 1:
                raise wrong(f"La ligne {number} a {len(cells)} cellules au lieu de {len(_STOCK) + 1}.", page)
            rows.append((number, dict(zip(_STOCK, cells[1:], strict=True))))
        return date_etat, rows
    if missing := [name for name in _NEEDED if name not in first]:
        raise wrong(f"Ni stock etalab ni réexposition : il manque {', '.join(missing)}.", page, "ligne 1")
    rows = []
    for number, cells in lines:
        if len(cells) != len(first):
            raise wrong(f"La ligne {number} a {len(cells)} cellules au lieu de {len(first)}.", page)
        rows.append((number, dict(zip(first, cells, strict=True))))
    days = [day for number, row in rows if (day := _day(row["datemaj"], page, f"ligne {number}, datemaj"))]
    if not days:
        raise wrong("Aucune date de mise à jour : l'état du fichier ne peut pas être daté.", page)
    return max(days), rows


def _is(kind: str, cells: list[str], page: Page, number: int) -> bool:
    """Is a record of this kind? A record of no known kind is a line that lost its beginning, not one to pass over."""
    if cells[0] not in _KINDS:
        raise wrong(f"La ligne {number} n'est d'aucun genre connu (« {cells[0][:20]} »).", page)
    return cells[0] == kind


def _places(pages: Sequence[Page], departement: str) -> dict[str, int]:
    """Places of lodging installed by establishment; a capacity left empty is none.

    Only numbers that begin with the département are read: a FINESS number begins with that of its establishment.
    """
    found: dict[str, int] = defaultdict(int)
    for page in pages:
        seen: set[tuple[str, ...]] = set()
        width = 0
        for number, cells in _lines(page):
            if not _is("equipementsocial", cells, page, number):
                if cells[0] == "structureet" and not _NUMBERS.match(";".join(cells[1:3])):
                    raise wrong(f"La ligne {number} n'a pas les deux numéros d'un établissement.", page)
                continue
            if tuple(cells) in seen:  # every equipment has its own dates and capacity: twice the same is one too many
                raise wrong(f"L'équipement de la ligne {number} est écrit deux fois.", page)
            seen.add(tuple(cells))
            if len(cells) < _EQUIPMENT_CELLS:
                raise wrong(
                    f"La ligne {number} a {len(cells)} cellules, {_EQUIPMENT_CELLS} au moins attendues.", page
                )
            width = width or len(cells)
            if len(cells) != width:  # read by place: one cell more or less, and another column is read
                raise wrong(f"La ligne {number} a {len(cells)} cellules, les autres {width}.", page)
            withdrawn = cells[15].strip() == "O" or cells[24].strip() == "O"
            if not cells[1].startswith(departement) or cells[4].strip() != LODGING or withdrawn:
                continue
            found[cells[1]] += whole_of(cells[9], page, f"ligne {number}, capacité") or 0
        if not seen:
            raise wrong("Le fichier des équipements n'a aucun enregistrement « equipementsocial ».", page)
    return dict(found)


def _lines(page: Page) -> Iterator[tuple[int, list[str]]]:
    """(Line number, cells) of a `;` file; UTF-8, or Windows-1252 as older extractions were."""
    try:
        text = page.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = page.body.decode("cp1252", errors="replace")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise wrong(f"Le fichier est mal formé ({error}).", page, f"ligne {reader.line_num}") from error


def _day(text: str, page: Page, field: str) -> dt.date | None:
    """A date, null when empty or 1 January 1900 (how the file writes an unknown one)."""
    return None if text.strip() in ("", _UNKNOWN_DAY) else day_of(text.strip(), page, field)


def datasets(territory: Territory) -> list[Dataset]:
    """`finess/etablissements`."""
    common: dict[str, Any] = {
        "id": "finess/etablissements",
        "titre": "Établissements d’hébergement des personnes âgées et de soins, et leurs places (FINESS)",
        "editeur": "Agence du numérique en santé, DREES",
        "licence": "lov2",
        "attribution": "FINESS, fichier national des établissements sanitaires et sociaux",
        "page": "https://www.data.gouv.fr/datasets/finess-extraction-du-fichier-des-etablissements/",
    }
    return [
        Dataset(
            **common,
            periodicite="bimestrielle",
            periode_mois=2,
            delai_mois=1,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2025,
            schema=SCHEMA,
            decoder_version=2,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            probe=probe,
            absences=(
                "Une commune sans établissement n’a pas de ligne. Un établissement sans équipement déclaré n’a pas "
                "de nombre de places."
            ),
            reserve=(
                "Le stock publié sur data.gouv.fr serait remplacé depuis juillet 2026 par des flux quotidiens de "
                "l’Agence du numérique en santé : l’adresse est à confirmer. Les colonnes des équipements ont été "
                "lues dans des programmes publics, non dans le fichier."
            ),
        )
    ]
