"""Insee, files of the site: localised unemployment (zones d'emploi, départements) and the comparateur de territoires.

Not here: Filosofi (insee_filosofi.py), Melodi (insee_melodi.py), unemployment in the census sense. The names of the
unemployment files change each quarter (quarters.py); the address recorded is the one that answered. Every quarter is
revised at each publication, so their newest edition counts alone (instantané); the comparateur adds up (cumulatif).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.archives import Archive
from flows.sources.decoding import Cell, code_text, csv_rows, decimal, fail, require, sheets_of, table, text_of
from flows.sources.quarters import newest

BASE = "https://www.insee.fr/fr/statistiques/fichier"
ZONES = BASE + "/1893230/chomage-zone-t1-2003-t{quarter}-{year}.xlsx"
DEPARTEMENTS = BASE + "/2012804/sl_etc_{year}T{quarter}.xls"
COMPARATEUR = BASE + "/2521169/base_cc_comparateur_csv.zip"

ZE = pa.schema(
    [
        ("ze2020", pa.string()),
        ("libze2020", pa.string()),
        ("reg", pa.string()),
        ("periode", pa.string()),
        ("taux", pa.float64()),
    ]
)
DEP = pa.schema([("code", pa.string()), ("libelle", pa.string()), ("periode", pa.string()), ("taux", pa.float64())])
VARIABLES = pa.schema([("codgeo", pa.string()), ("variable", pa.string()), ("valeur_brute", pa.string())])

_ZE_QUARTER = re.compile(r"^(\d{4})-T([1-4])$")
_DEP_QUARTER = re.compile(r"^T([1-4])_(\d{4})$")
# The census year moves with each edition (P18_LOG, then P22_LOG). Anchored and digits only, so that TP6019 (poverty
# rate of 2019) is read and TP60AGE119 (an age class) is not.
_CENSUS = ("LOG", "LOGVAC", "RP", "POP", "EMPLT", "ACT1564", "CHOM1564")
_VARIABLE = re.compile(rf"^(?:P\d{{2}}_(?:{'|'.join(_CENSUS)})|SUPERF|MED\d{{2}}|TP60\d{{2}})$")
_HEADER_WITHIN = 10


def datasets(territory: Territory) -> list[Dataset]:
    """`insee/chomage_ze`, `insee/chomage_departement`, `insee/comparateur`."""
    unemployment: dict[str, Any] = {
        "editeur": "Insee",
        "licence": "lov2",
        "attribution": "Insee, taux de chômage localisés (données corrigées des variations saisonnières)",
        "periodicite": "trimestrielle",
        "periode_mois": 3,
        "cycle": Cycle.NOCTURNE,
        "accumulation": Accumulation.INSTANTANE,
        "cog_year": None,
        "decoder_version": 1,
        "partitions": _single,
    }
    return [
        Dataset(
            id="insee/chomage_ze",
            titre="Taux de chômage localisés par zone d'emploi",
            page="https://www.insee.fr/fr/statistiques/1893230",
            delai_mois=6,
            niveaux=("zone_emploi",),
            absences=(
                "Les zones d'emploi de Guadeloupe, de Martinique et de La Réunion n'ont pas de taux avant 2014 ; "
                "Mayotte et la Guyane ne sont pas couvertes."
            ),
            schema=ZE,
            fetch=partial(_fetch_quarter, ZONES, "xlsx"),
            decode=decode_zones,
            **unemployment,
        ),
        Dataset(
            id="insee/chomage_departement",
            titre="Taux de chômage localisés par département",
            page="https://www.insee.fr/fr/statistiques/2012804",
            delai_mois=3,
            niveaux=("departement", "france_metropolitaine", "france"),
            absences=(
                "Les départements d'outre-mer n'ont pas de taux avant 2014 ; les lignes de la France manquent dans "
                "certaines éditions."
            ),
            schema=DEP,
            fetch=partial(_fetch_quarter, DEPARTEMENTS, "xls"),
            decode=decode_departements,
            **unemployment,
        ),
        Dataset(
            id="insee/comparateur",
            titre="Base du comparateur de territoires",
            editeur="Insee",
            licence="lov2",
            attribution="Insee, base du comparateur de territoires (recensement de la population, Filosofi)",
            page="https://www.insee.fr/fr/statistiques/2521169",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=36,  # an edition of year N holds the census of N-3
            cycle=Cycle.ANNUEL,
            # One address for all editions; each holds one census and names it in its variables (P18_, then P22_).
            # They add up, so that a new edition does not take the older census away.
            accumulation=Accumulation.CUMULATIF,
            key=("codgeo", "variable"),
            niveaux=("commune",),
            cog_year=None,  # the edition's own
            absences="Une cellule vide est couverte par le secret statistique ou n'est pas diffusée.",
            schema=VARIABLES,
            decoder_version=2,
            partitions=_single,
            fetch=_fetch_comparateur,
            decode=partial(decode_comparateur, departement=territory.departement),
        ),
    ]


def _single(ctx: FetchContext) -> Iterable[Partition]:
    return [Partition("courant")]


def _fetch_quarter(template: str, expect: str, ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    yield newest(ctx, template, expect=expect, name="classeur")


def _fetch_comparateur(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    yield ctx.http.get(COMPARATEUR, expect="zip", name="archive")


def decode_zones(pages: Sequence[Page]) -> pa.Table:
    """Unemployment rates (%) by zone d'emploi 2020 and quarter (`2003-T1`), every zone of France, ordered.

    A rate that is not published is null. Raises DecodeError: no sheet or row of codes, a column missing, a code
    twice, a cell that is not a number.
    """
    page = pages[0]
    sheet = sheets_of(page.body, page.address, wanted=("txcho_ze",)).get("txcho_ze")
    if sheet is None:
        fail("La feuille txcho_ze manque.", page.address)
    top, header = _header(sheet, "ZE2020", page.address)
    require(header, ("ZE2020", "LIBZE2020", "REG"), page.address)
    quarters = _following(
        {i: m[0] for i, name in enumerate(header) if (m := _ZE_QUARTER.match(name))},
        header,
        ("ZE2020", "LIBZE2020", "REG", "LIBREG"),
        page.address,
    )
    code_at, label_at, reg_at = (header.index(name) for name in ("ZE2020", "LIBZE2020", "REG"))
    rows = []
    for number, row in enumerate(sheet[top + 1 :], start=top + 2):
        code = code_text(row[code_at], 4)
        if not code or not str(row[label_at]).strip():
            continue  # blank and footnote rows
        for i, period in quarters.items():
            rows.append(
                {
                    "ze2020": code,
                    "libze2020": str(row[label_at]).strip(),
                    "reg": code_text(row[reg_at], 2),
                    "periode": period,
                    "taux": _rate(row[i], f"{page.address}, feuille txcho_ze, ligne {number}, colonne {period}"),
                }
            )
    return _checked(ZE, rows, ("ze2020", "periode"), page.address)


def _following(quarters: dict[int, str], header: Sequence[str], others: Sequence[str], where: str) -> dict[int, str]:
    """The quarters by column, when they follow each other and no column has another name than `others`.

    Raises:
        DecodeError: a quarter missing or written twice, a column that is named otherwise.
    """
    ranks = sorted(4 * int(period[:4]) + int(period[-1]) for period in quarters.values())
    if not ranks or ranks != list(range(ranks[0], ranks[0] + len(ranks))):
        fail("Les trimestres ne se suivent pas : il en manque, ou l'un est écrit deux fois.", where)
    if strange := [name for i, name in enumerate(header) if name and i not in quarters and name not in others]:
        fail(f"Des colonnes ne sont pas des trimestres : {', '.join(strange)}.", where)
    return quarters


def decode_departements(pages: Sequence[Page]) -> pa.Table:
    """Unemployment rates (%) by département and quarter (`1982-T1`), ordered; France rows are coded `FM` and `F`.

    Codes come as numbers (59.0) except `01` to `09`, `2A` and `2B`: all become text. A rate that is not published is
    null. Raises DecodeError: as `decode_zones`.
    """
    page = pages[0]
    sheets = sheets_of(page.body, page.address, wanted=("Département",))
    if not sheets:
        fail("La feuille Département manque.", page.address)
    sheet = sheets["Département"]
    top, header = _header(sheet, "Code", page.address)
    require(header, ("Code", "Libellé"), page.address)
    quarters = _following(
        {i: f"{m[2]}-T{m[1]}" for i, name in enumerate(header) if (m := _DEP_QUARTER.match(name))},
        header,
        ("Code", "Libellé"),
        page.address,
    )
    code_at, label_at = header.index("Code"), header.index("Libellé")
    rows = []
    for number, row in enumerate(sheet[top + 1 :], start=top + 2):
        label = str(row[label_at]).strip()
        code = _departement_code(row[code_at], label)
        if not code or not label:
            continue  # footnotes stand alone in the first column
        for i, period in quarters.items():
            rows.append(
                {
                    "code": code,
                    "libelle": label,
                    "periode": period,
                    "taux": _rate(row[i], f"{page.address}, feuille Département, ligne {number}, colonne {period}"),
                }
            )
    return _checked(DEP, rows, ("code", "periode"), page.address)


def decode_comparateur(pages: Sequence[Page], *, departement: str) -> pa.Table:
    """Dwellings, population, jobs, activity, surface (km²), median and poverty rate by commune of `departement`.

    Figures as written, rows ordered.

    Raises:
        DecodeError: no data file in the archive, or one of the census variables, SUPERF, MED or TP60 missing.
    """
    page = pages[0]
    archive = Archive(page)
    names = list(archive.csv_members())
    if len(names) != 1:
        fail(f"L'archive devrait contenir un tableau, elle contient : {', '.join(archive.names())}.", page.address)
    where = archive.where(names[0])
    lines = csv_rows(
        text_of(archive.read(names[0]), where), delimiter=";", where=where, required=("CODGEO", "SUPERF")
    )
    names_read = [name for name in (lines[0] if lines else {}) if _VARIABLE.match(name)]
    # An edition also gives the population of the census before: only its newest census is landed.
    census = max((name[:3] for name in names_read if name[0] == "P"), default="P??")
    require(names_read, [f"{census}_{name}" for name in _CENSUS], where)
    # Median and poverty carry a year of their own.
    require({re.sub(r"\d{2}$", "", name) for name in names_read}, ("MED", "TP60"), where)
    wanted = [name for name in names_read if name[0] != "P" or name.startswith(census)]
    rows = [
        {"codgeo": line["CODGEO"].strip(), "variable": name, "valeur_brute": line[name].strip()}
        for line in lines
        if line["CODGEO"].startswith(departement)
        for name in wanted
    ]
    return _checked(VARIABLES, rows, ("codgeo", "variable"), where)


def _header(sheet: Sequence[Sequence[Cell]], first: str, where: str) -> tuple[int, list[str]]:
    """Index and names of the row of codes: the one whose first cell is `first`."""
    for index, row in enumerate(sheet[:_HEADER_WITHIN]):
        if row and str(row[0]).strip() == first:
            return index, [str(cell).strip() for cell in row]
    fail(f"La ligne des codes (« {first} ») est introuvable.", where)


def _departement_code(cell: Cell, label: str) -> str:
    """France rows have no usable code; their label tells the métropole from the whole."""
    words = label.casefold()
    if words.startswith("france"):
        return "FM" if "métropolitaine" in words or "metropolitaine" in words else "F"
    return code_text(cell, 2)


def _rate(cell: Cell, where: str) -> float | None:
    if isinstance(cell, bool):
        fail("Un taux n'est pas un nombre.", where)
    if isinstance(cell, int | float):
        return float(cell)
    try:
        return decimal(str(cell))
    except ValueError:
        fail(f"Le taux « {cell} » n'est pas un nombre.", where)


def _checked(schema: pa.Schema, rows: list[dict[str, Any]], key: tuple[str, str], where: str) -> pa.Table:
    if not rows:
        fail("Le fichier ne contient aucune ligne de données.", where)
    keys = [tuple(row[name] for name in key) for row in rows]
    if len(set(keys)) != len(keys):
        seen: set[tuple[Any, ...]] = set()
        twice = sorted({str(k[0]) for k in keys if k in seen or seen.add(k)})  # type: ignore[func-returns-value]
        fail(f"Des territoires figurent deux fois : {', '.join(twice[:5])}.", where)
    return table(schema, rows, key)
