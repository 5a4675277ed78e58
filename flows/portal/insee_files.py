"""www.insee.fr/fr/statistiques/fichier/…: the files of the Insee site that the observatory downloads.

Layouts follow the original bytes and the catalogue of contract §4: localised unemployment (xlsx with titles on rows
1 to 4, labels on row 5, codes on row 6; BIFF .xls with numeric codes), Filosofi archives in the shape of each era
(workbooks to 2016, one CSV a level to 2020, one long CSV in 2023), comparateur de territoires. File names carry the
last quarter of the table, as the site's do; every other name answers a 404 in HTML. No ETag: none was recorded.

Reconstructed: the inner names of the Filosofi archives of 2013, 2017 to 2020 and 2023. A figure that the
demonstration does not know is written `nd` (not available): an empty cell would say that it is secret.

Not here: Melodi (`flows.portal.melodi`), and the other columns of those files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from flows.portal.answers import Answer, Ask, text_answer
from flows.portal.figures import Row, View, number
from flows.portal.geo import EPCI, REGIONS
from flows.portal.payloads import Archive, Book, Cell, Csv, Payload, Sheet, words
from flows.portal.sets import collected

HOST = "www.insee.fr"
PREFIX = "/fr/statistiques/fichier/"
NOT_FOUND = (
    '<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8"><title>Page non trouvée | Insee</title></head>\n'
    "<body><h1>Erreur 404</h1><p>La page que vous demandez n'existe pas ou n'existe plus.</p></body></html>\n"
)
# Vintage → page and file, and the shape of its era: workbook, one CSV a level, one long CSV.
FILOSOFI: dict[str, tuple[str, str]] = {
    "1895078/revenu-pauvrete-menage-2012.zip": ("2012", "book"),
    "2388572/filo-revenu-pauvrete-menage-2013.zip": ("2013", "book"),
    "3126432/filo-revenu-pauvrete-menage-2014.zip": ("2014", "book"),
    "3560121/filo-revenu-pauvrete-menage-2015.zip": ("2015", "book"),
    "4190004/filosofi-revenu-pauvrete-menage-2016.zip": ("2016", "book"),
    "4507225/base-filosofi-2017_CSV.zip": ("2017", "wide"),
    "5009236/base-cc-filosofi-2018_CSV_geo2021.zip": ("2018", "wide"),
    "6036902/base-cc-filosofi-2019_CSV.zip": ("2019", "wide"),
    "6692392/base-cc-filosofi-2020_CSV.zip": ("2020", "wide"),
    "8984752/FILOSOFI_CC_csv.zip": ("2023", "long"),
}
_LEVELS = ("COM", "EPCI", "DEP", "REG", "METROPOLE")
_MEASURES = {"MED": "MED_SL", "TP60": "PR_MD60"}
_UNKNOWN = "nd"
_ORDER = "P{y}_POP SUPERF P{y}_LOG P{y}_RP P{y}_LOGVAC MED TP60 P{y}_EMPLT P{y}_CHOM1564 P{y}_ACT1564"
_EDITION = 2022  # the edition of the comparateur whose figures the demonstration carries


def answer(ask: Ask) -> Answer:
    """Answer of the Insee site to one request for a file."""
    if ask.method not in ("GET", "HEAD") or not ask.path.startswith(PREFIX):
        return _not_found()
    name = ask.path[len(PREFIX) :]
    if name in FILOSOFI:
        year, shape = FILOSOFI[name]
        return Answer(200, filosofi(ask.view, year, shape), "application/zip", main=_main(shape))
    zones = re.fullmatch(r"1893230/chomage-zone-t1-2003-t([1-4])-(\d{4})\.xlsx", name)
    if zones and f"{zones[2]}-T{zones[1]}" == _last(ask.view, "insee__chomage_ze"):
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return Answer(200, zones_book(ask.view), kind, main="ZE2020")
    areas = re.fullmatch(r"2012804/sl_etc_(\d{4})T([1-4])\.xls", name)
    if areas and f"{areas[1]}-T{areas[2]}" == _last(ask.view, "insee__chomage_departement"):
        return Answer(200, departements_book(ask.view), "application/vnd.ms-excel", main="Code")
    if name == "2521169/base_cc_comparateur_csv.zip":
        return Answer(200, comparateur(ask.view), "application/zip", main="CODGEO")
    for served, (payload, kind, main) in collected("INSEE_FILES"):
        if name == served:
            return Answer(200, payload(ask.view), kind, main=main)
    return _not_found()


def _not_found() -> Answer:
    return text_answer(NOT_FOUND, 404, content_type="text/html; charset=utf-8")


def _main(shape: str) -> str:
    return "OBS_VALUE" if shape == "long" else "CODGEO"


def _last(view: View, table: str) -> str:
    # The name of the file follows the figures as published, not as a fault shows them.
    return max(row["periode"] for row in view.figures.table(table))


def zones_book(view: View) -> Book:
    """The workbook of the zones d'emploi: sheets Documentation and txcho_ze."""
    rows = view.rows("insee__chomage_ze")
    periods = sorted({row["periode"] for row in rows})
    title = (
        "Taux de chômage localisés par zone d'emploi, en moyenne trimestrielle\xa0: en France hors Mayotte et Guyane "
    )
    lines: list[list[Cell]] = [
        [title],
        ["Source : Insee, Estimations de taux de chômage localisés."],
        [],
        [*([""] * (3 + len(periods))), "en\xa0%"],
        [
            "Code de la zone d'emploi 2020",
            "Libellé de la zone d'emploi 2020",
            "Code région 2016",
            "Libellé région 2016",
            *(_quarter_label(period) for period in periods),
        ],
        ["ZE2020", "LIBZE2020", "REG", "LIBREG", *periods],
    ]
    for place, found in _by(rows, lambda row: (row["ze2020"], row["libze2020"], row["reg"])):
        rates = {row["periode"]: number(row["taux"]) for row in found}
        region = REGIONS.get(place[2], "INTERRÉGIONAL ").upper()
        lines.append([*place, region, *(rates.get(period) for period in periods)])
    lines += _repeats(rows, lines, ("ze2020", "periode"), 6)
    return Book([Sheet("Documentation", [[title.strip()]]), Sheet("txcho_ze", lines, codes=5)])


def _quarter_label(period: str) -> str:
    year, _, quarter = period.partition("-T")
    return f"{quarter}{'er' if quarter == '1' else 'e'} trimestre {year}"


def departements_book(view: View) -> Book:
    """The BIFF workbook of the départements: codes are numbers, except those that begin with a zero or a letter."""
    rows = view.rows("insee__chomage_departement")
    periods = sorted({row["periode"] for row in rows})
    header: list[Cell] = ["Code", "Libellé", *(f"T{period[6]}_{period[:4]}" for period in periods)]
    lines: list[list[Cell]] = [
        ["Estimations de taux de chômage localisé : comparaisons départementales"],
        ["(en%)"],
        [],
        header,
    ]
    for (code, label), found in _by(rows, lambda row: (row["code"], row["libelle"])):
        rates = {row["periode"]: number(row["taux"]) for row in found}
        cell: Cell = float(code) if code.isdigit() and not code.startswith("0") else code
        if code in ("F", "FM"):
            cell = ""
        lines.append([cell, label, *(rates.get(period) for period in periods)])
    lines += _repeats(rows, lines, ("code", "periode"), 4)
    lines += [
        [],
        ["Données CVS, en moyenne trimestrielle (en %). "],
        [
            "Champ : France métropolitaine jusqu’au 1er trimestre 2014. France entière (hors Mayotte) à partir du "
            "1er trimestre 2014."
        ],
        ["Source : Insee, estimations de taux de chômage localisés et taux de chômage au sens du BIT."],
    ]
    return Book([Sheet("Département", lines, codes=3)], "xls")


def _repeats(rows: Sequence[Row], lines: Sequence[list[Cell]], key: tuple[str, str], first: int) -> list[list[Cell]]:
    """Lines written twice when the table holds doubled rows: a sheet has one line a territory, from `first` on."""
    counts = Counter((row[key[0]], row[key[1]]) for row in rows)
    doubled = {name for (name, _), count in counts.items() if count > 1}
    names = dict.fromkeys(row[key[0]] for row in rows)
    return [list(lines[first + i]) for i, name in enumerate(names) if name in doubled]


def _by(rows: Sequence[Row], key: Callable[[Row], tuple[str, ...]]) -> list[tuple[tuple[str, ...], list[Row]]]:
    """Rows grouped by a key, groups in the order of their first row."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return list(groups.items())


def filosofi(view: View, year: str, shape: str) -> Archive:
    """The archive of one vintage, in the shape of its era."""
    rows = [row for row in view.rows("insee__filosofi_fichiers") if row["annee"] == year]
    if shape == "book":
        name = f"filo-revenu-pauvrete-menage-{year}/base-cc-filosofi-{year}.xls"
        return Archive([(name, _filosofi_book(view, rows, year))])
    if shape == "wide":
        members: list[tuple[str, Payload]] = []
        for level in _LEVELS:
            header, lines = _filosofi_table(view, rows, level, year)
            if lines:
                bom = int(year) < 2020
                members.append((f"cc_filosofi_{year}_{level}.csv", Csv(header, lines, ";", "\r\n", bom)))
        return Archive([*members, (f"meta_cc_filosofi_{year}.csv", _meta(year))])
    return Archive(
        [
            (f"DS_FILOSOFI_CC_{year}_data.csv", _filosofi_long(rows, year)),
            ("DS_FILOSOFI_CC_metadata.csv", _meta(year)),
        ]
    )


def _meta(year: str) -> Csv:
    suffix = year[2:]
    lines = [
        [f"MED{suffix}", "Médiane du niveau de vie (€)"],
        [
            f"TP60{suffix}",
            "Taux de pauvreté au seuil de 60 % du niveau de vie médian (%)",
        ],
    ]
    return Csv(["COD_VAR", "LIB_VAR"], lines, ";", bom=True)


def _filosofi_table(view: View, rows: Sequence[Row], level: str, year: str) -> tuple[list[str], list[list[Cell]]]:
    """Header and lines of one level: code, label, median, poverty rate; a doubled pair gives a second line."""
    header = ["CODGEO", "LIBGEO", f"MED{year[2:]}", f"TP60{year[2:]}"]
    lines: list[list[Cell]] = []
    for (code,), found in _by([row for row in rows if row["niveau"] == level], lambda row: (row["codgeo"],)):
        seen = [[row["valeur_brute"] for row in found if row["mesure"] == measure] for measure in _MEASURES]
        for i in range(max(map(len, seen))):
            values = [raw[i] if i < len(raw) else raw[0] if raw else _UNKNOWN for raw in seen]
            lines.append([code, _label(view, level, code), *values])
    return header, lines


def _label(view: View, level: str, code: str) -> str:
    if level == "COM" and code in view.figures.communes:
        return view.figures.communes[code]["nom"]
    if level == "EPCI" and code in EPCI:
        return EPCI[code][0]
    return {"METROPOLE": "France métropolitaine"}.get(level, REGIONS.get(code, "") if level == "REG" else "")


def _filosofi_book(view: View, rows: Sequence[Row], year: str) -> Book:
    sheets = []
    for level in _LEVELS:
        header, lines = _filosofi_table(view, rows, level, year)
        if not lines:
            continue
        titles: list[list[Cell]] = [
            [f"Revenus, pauvreté et niveau de vie en {year}"],
            [f"Niveau géographique : {level}"],
            ["Insee-DGFiP-Cnaf-Cnav-CCMSA, Fichier localisé social et fiscal."],
            [],
            ["Code géographique", "Libellé géographique", "Médiane du niveau de vie (€)", "Taux de pauvreté (%)"],
            list(header),
        ]
        cells = [[*line[:2], *(_native(str(raw)) for raw in line[2:])] for line in lines]
        sheets.append(Sheet("METRO" if level == "METROPOLE" else level, [*titles, *cells], codes=5))
    return Book(sheets, "xls")


def _native(raw: str) -> Cell:
    """A written figure as a workbook holds it: a number, or the marker, or an empty cell."""
    value = number(raw)
    return raw if value is None else float(value)


def _filosofi_long(rows: Sequence[Row], year: str) -> Csv:
    header = words("GEO GEO_OBJECT FILOSOFI_MEASURE UNIT_MEASURE TIME_PERIOD CONF_STATUS OBS_STATUS OBS_VALUE")
    lines: list[list[Cell]] = []
    for row in rows:
        secret = number(row["valeur_brute"]) is None
        metro = row["niveau"] == "METROPOLE"
        lines.append(
            [
                "FM" if metro else row["codgeo"],
                "FRANCE" if metro else row["niveau"],
                _MEASURES[row["mesure"]],
                "EUR_YR" if row["mesure"] == "MED" else "PT",
                year,
                "C" if secret else "F",
                "" if secret else "A",
                "" if secret else row["valeur_brute"].replace(",", "."),
            ]
        )
    return Csv(header, lines, ";", bom=True, quote="all")


def comparateur(view: View) -> Archive:
    """The comparateur de territoires: one wide CSV (upper-case extension, as that edition) and its dictionary."""
    rows = view.rows("insee__comparateur")
    found = list(dict.fromkeys(row["variable"] for row in rows))
    census = max((name[1:3] for name in found if re.match(r"P\d\d_", name)), default="00")
    ranked = _ORDER.format(y=census).split()
    variables = sorted(found, key=lambda name: (_rank(name, ranked), name))
    lines: list[list[Cell]] = []
    for (code,), group in _by(rows, lambda row: (row["codgeo"],)):
        values: dict[str, list[str]] = {}
        for row in group:
            values.setdefault(row["variable"], []).append(row["valeur_brute"])
        for i in range(max(map(len, values.values()))):
            lines.append([code, *(_nth(values.get(name, [""]), i) for name in variables)])
    stem = f"base_cc_comparateur_{_EDITION}"
    meta = Csv(["COD_VAR", "LIB_VAR"], [[name, name] for name in variables], ";")
    return Archive([(f"{stem}.CSV", Csv(["CODGEO", *variables], lines, ";")), (f"meta_{stem}.CSV", meta)])


def _nth(values: Sequence[str], i: int) -> str:
    return values[i] if i < len(values) else values[0]


def _rank(name: str, ranked: Sequence[str]) -> int:
    """Place of a variable in the order of the real file; MED19 and TP6019 carry a year of their own."""
    stem = name[:-2] if name.startswith(("MED", "TP60")) else name
    return ranked.index(stem) if stem in ranked else len(ranked)
