"""Insee, archives of Filosofi: median standard of living and poverty rate, one zip a vintage since 2012.

Not here: the Melodi API (insee_melodi.py) and the meaning of markers: `s`, `so`, `nd`, empty cells and decimal commas
are landed as written, staging decodes them. Three shapes were published: workbooks with one sheet a level (2012 to
2016), one CSV a level (2017 to 2020), one long CSV of all levels (2021 and 2023). The shape is read from the archive
itself, because Insee re-publishes old vintages in newer shapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.archives import Archive
from flows.sources.decoding import Cell, code_text, csv_rows, fail, number_text, require, sheets_of, table, text_of

BASE = "https://www.insee.fr/fr/statistiques/fichier"

# Certain: 2014 to 2016 (a catalogue with md5) and 2023. Known from several clients: 2013 and 2017 to 2020. One client
# only: 2012. Not landed: 2021, which Melodi gives; its file is named in docs/sources.md for the day Melodi drops it.
VINTAGES: dict[int, str] = {
    2012: "1895078/revenu-pauvrete-menage-2012.zip",
    2013: "2388572/filo-revenu-pauvrete-menage-2013.zip",
    2014: "3126432/filo-revenu-pauvrete-menage-2014.zip",
    2015: "3560121/filo-revenu-pauvrete-menage-2015.zip",
    2016: "4190004/filosofi-revenu-pauvrete-menage-2016.zip",
    2017: "4507225/base-filosofi-2017_CSV.zip",
    2018: "5009236/base-cc-filosofi-2018_CSV_geo2021.zip",
    2019: "6036902/base-cc-filosofi-2019_CSV.zip",
    2020: "6692392/base-cc-filosofi-2020_CSV.zip",
    2023: "8984752/FILOSOFI_CC_csv.zip",
}

VALUES = pa.schema(
    [
        ("niveau", pa.string()),
        ("codgeo", pa.string()),
        ("annee", pa.int64()),
        ("mesure", pa.string()),
        ("valeur_brute", pa.string()),
    ]
)

_LEVELS = {"COM": "COM", "EPCI": "EPCI", "DEP": "DEP", "REG": "REG", "METRO": "METROPOLE", "METROPOLE": "METROPOLE"}
_LEVEL_IN_NAME = re.compile(r"(?:^|[_\-])(COM|EPCI|DEP|REG|METROPOLE|METRO)(?=[_\-.]|$)", re.I)
_YEAR_IN_ADDRESS = {f"{BASE}/{path}": year for year, path in VINTAGES.items()}
_WIDTH = {"COM": 5, "DEP": 2, "REG": 2}  # workbooks may give codes as numbers: 1004.0 is "01004"
# Measures are named by hand, never by a pattern: TP6021 is the poverty rate of 2021, TP60AGE121 that of an age class.
_WIDE = ("MED", "TP60")
_LONG = {"MED_SL": "MED", "PR_MD60": "TP60"}
_LONG_COLUMNS = ("CONF_STATUS", "GEO", "GEO_OBJECT", "FILOSOFI_MEASURE", "TIME_PERIOD", "OBS_VALUE")
_FIRST_ROWS = 12  # the header of codes stands on row 6; a few rows of margin, not the whole sheet

Keep = Callable[[str, str], bool]


def datasets(territory: Territory) -> list[Dataset]:
    """`insee/filosofi_fichiers`."""
    return [
        Dataset(
            id="insee/filosofi_fichiers",
            titre="Niveaux de vie et pauvreté (Filosofi), fichiers par millésime",
            editeur="Insee",
            licence="lov2",
            attribution="Insee-DGFiP-Cnaf-Cnav-CCMSA, Fichier localisé social et fiscal (Filosofi)",
            page="https://www.insee.fr/fr/metadonnees/source/serie/s1172",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=31,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune", "epci", "departement", "region", "france_metropolitaine"),
            cog_year=None,  # each vintage on its own, one or two years after the figures
            absences=(
                "Le taux de pauvreté est couvert par le secret statistique dans les petites communes : « s », ou "
                "cellule vide jusqu'en 2019. Le millésime 2021 vient de l'API Melodi ; 2022 n'a jamais été publié ; "
                "2023 suit une autre méthode et ne se compare pas aux précédents."
            ),
            schema=VALUES,
            decoder_version=1,
            partitions=_partitions,
            fetch=_fetch,
            decode=partial(decode, territory=territory),
        )
    ]


def _partitions(ctx: FetchContext) -> Iterable[Partition]:
    return [Partition(str(year), {"path": path}, closed=True) for year, path in sorted(VINTAGES.items())]


def _fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    yield ctx.http.get(f"{BASE}/{partition.params['path']}", expect="zip", name="archive")


def decode(pages: Sequence[Page], *, territory: Territory) -> pa.Table:
    """Values of one vintage as written, ordered by level, code, measure.

    `pages`: the zip, one page. Communes are kept when they are in the territory's département, EPCI when they are
    ours or a comparison; every département and region is kept, and metropolitan France. In the long shape, an empty
    value whose CONF_STATUS is C is written `s`, the marker of the other vintages: the column that said so is not
    landed.

    Raises:
        DecodeError: unknown address, no table of a level we read, a measure missing, a code twice.
    """
    page = pages[0]
    year = _YEAR_IN_ADDRESS.get(page.address)
    if year is None:
        fail("L'adresse n'est celle d'aucun millésime connu.", page.address)
    kept = set(territory.epcis_compares)

    def keep(level: str, code: str) -> bool:
        if level == "COM":
            return code.startswith(territory.departement)
        return level != "EPCI" or code in kept

    archive = Archive(page)
    rows = [row for source in (_long, _wide_csv, _wide_sheets) for row in source(archive, year, keep)]
    if not rows:
        fail(f"Aucun tableau de Filosofi {year} dans l'archive ({', '.join(archive.names())}).", page.address)
    keys = [(row["niveau"], row["codgeo"], row["mesure"]) for row in rows]
    if len(set(keys)) != len(keys):
        fail(f"Des territoires de Filosofi {year} figurent deux fois.", page.address)
    return table(VALUES, rows, ("niveau", "codgeo", "mesure"))


def _row(level: str, code: str, year: int, measure: str, raw: str) -> dict[str, str | int]:
    return {"niveau": level, "codgeo": code, "annee": year, "mesure": measure, "valeur_brute": raw}


def _long(archive: Archive, year: int, keep: Keep) -> Iterator[dict[str, str | int]]:
    """The long shape: one CSV of all levels, one row a measure."""
    for name in archive.csv_members():
        where = archive.where(name)
        body = archive.read(name)
        if b"GEO_OBJECT" not in body[:2000]:
            continue
        for line in csv_rows(text_of(body, where), delimiter=";", where=where, required=_LONG_COLUMNS):
            measure = _LONG.get(line["FILOSOFI_MEASURE"])
            level, code = line["GEO_OBJECT"], line["GEO"].strip()
            if level == "FRANCE" and code == "FM":
                level = "METROPOLE"
            if measure is None or level not in _LEVELS.values() or not keep(level, code):
                continue
            if line["TIME_PERIOD"] != str(year):
                fail(f"L'archive de {year} contient des chiffres de {line['TIME_PERIOD']}.", where)
            raw = line["OBS_VALUE"].strip()
            yield _row(level, code, year, measure, "s" if not raw and line["CONF_STATUS"] == "C" else raw)


def _wide_csv(archive: Archive, year: int, keep: Keep) -> Iterator[dict[str, str | int]]:
    """One CSV a level, its level in its name (`cc_filosofi_2018_COM-geo2021.CSV`)."""
    columns = {f"{measure}{year % 100:02d}": measure for measure in _WIDE}
    for name in archive.csv_members():
        found = _LEVEL_IN_NAME.search(name.rsplit("/", 1)[-1])
        if not found:
            continue
        level, where = _LEVELS[found[1].upper()], archive.where(name)
        text = text_of(archive.read(name), where)
        for line in csv_rows(text, delimiter=";", where=where, required=("CODGEO", *columns)):
            code = code_text(line["CODGEO"], _WIDTH.get(level, 0))
            if keep(level, code):
                yield from (_row(level, code, year, m, line[column].strip()) for column, m in columns.items())


def _wide_sheets(archive: Archive, year: int, keep: Keep) -> Iterator[dict[str, str | int]]:
    """Workbooks with one sheet a level: titles first, then the row of codes (row 6), then figures."""
    columns = {f"{measure}{year % 100:02d}": measure for measure in _WIDE}
    for name in archive.names():
        if not name.lower().endswith((".xls", ".xlsx")):
            continue
        where = archive.where(name)
        for sheet, cells in sheets_of(archive.read(name), where, wanted=tuple(_LEVELS)).items():
            level, place = _LEVELS[sheet], f"{where}, feuille {sheet}"
            header_at = _header_row(cells, place)
            header = [str(cell).strip() for cell in cells[header_at]]
            require(header, ("CODGEO", *columns), place)
            at = {column: header.index(column) for column in ("CODGEO", *columns)}
            for row in cells[header_at + 1 :]:
                code = code_text(row[at["CODGEO"]], _WIDTH.get(level, 0))
                if code and keep(level, code):
                    yield from (_row(level, code, year, m, number_text(row[at[c]])) for c, m in columns.items())


def _header_row(cells: Sequence[Sequence[Cell]], where: str) -> int:
    for index, row in enumerate(cells[:_FIRST_ROWS]):
        if "CODGEO" in [str(cell).strip() for cell in row]:
            return index
    fail("La ligne des codes (CODGEO) est introuvable.", where)
