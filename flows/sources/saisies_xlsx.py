"""Reading a service's deposit written as an Excel workbook: bounded, without formulas, rows as text with their line.

Not here: what a cell means (saisies_cells) and what rows may say (saisies_rules). The sheet « Saisie » is read, else
the first one. A workbook is a compressed archive of XML: its parts are unpacked under a bound before anything reads
them, XML that declares entities is refused, and so is a cell far outside the table (a reader would allocate
everything in between). A formula is refused because its result is what another program last thought of it.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from flows.sources.saisies_cells import HEADER, Problem, Sheet, plain
from flows.sources.saisies_csv import MAX_ROWS, add, header, too_many

MAX_PARTS = 300
MAX_UNPACKED = 40_000_000
MAX_COLUMNS = 64
SHEET = "saisie"
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_AGAIN = "partir du modèle (« observatoire saisie modele »), ou enregistrer le fichier au format .xlsx ou CSV."


class _Refused(Exception):
    """The workbook cannot be read at all; carries its problem."""

    def __init__(self, reason: str, todo: str = _AGAIN, line: int = 0) -> None:
        self.problem = Problem(line, "", reason, todo)
        super().__init__(reason)


def is_workbook(body: bytes) -> bool:
    """Are these the bytes of an archive or of an old Office file, whatever the name says?"""
    return body.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"))


def read_xlsx(body: bytes) -> Sheet:
    """Rows of a workbook as text, and every problem met; no error is raised for what the bytes hold."""
    sheet = Sheet(form="classeur Excel")
    try:
        parts = _unpack(body)
        name, part = _sheet(parts)
        marks = _scan(parts[part])
        sheet.form = f"classeur Excel, feuille « {name} »"
        values = _values(parts, name)
    except _Refused as refused:
        sheet.problems.append(refused.problem)
        return sheet
    _rows(values, marks, sheet)
    return sheet


def _unpack(body: bytes) -> dict[str, bytes]:
    """Every part of the archive, read in full under the bounds."""
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        raise _Refused("le classeur est protégé par un mot de passe, ou à l’ancien format .xls")
    parts: dict[str, bytes] = {}
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_PARTS:
                raise _Refused(f"le classeur a {len(entries)} parties, plus que les {MAX_PARTS} admises")
            for entry in entries:
                if entry.flag_bits & 1:
                    raise _Refused("le classeur est chiffré", "l’enregistrer sans mot de passe.")
                with archive.open(entry) as part:
                    # What an archive says of its own size is not believed: the read stops at the bound.
                    data = part.read(MAX_UNPACKED - total + 1)
                total += len(data)
                if total > MAX_UNPACKED:
                    raise _Refused(
                        f"le classeur dépasse {MAX_UNPACKED // 1_000_000} Mo une fois décompressé",
                        "n’y garder que la feuille « Saisie ».",
                    )
                parts[posixpath.normpath(entry.filename.replace("\\", "/").lstrip("/"))] = data
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise _Refused("le classeur est abîmé ou incomplet : il ne s’ouvre pas") from error
    if "xl/workbook.xml" not in parts:
        raise _Refused("ce fichier n’est pas un classeur .xlsx")
    if any(name.endswith("vbaProject.bin") for name in parts):
        raise _Refused("le classeur contient des macros", "l’enregistrer au format .xlsx, sans macro.")
    return parts


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")

    def doctype(*_: Any) -> None:
        raise _Refused("le classeur contient des entités XML, qu’un tableur n’écrit jamais")

    parser.StartDoctypeDeclHandler = doctype
    return parser


def _parse(parser: expat.XMLParserType, data: bytes) -> None:
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an encoding that does not exist
        raise _Refused("le classeur est abîmé : une de ses parties n’est pas du XML") from error


def _elements(data: bytes, name: str) -> list[dict[str, str]]:
    """Attributes (without namespaces) of every element of that name, in order."""
    found: list[dict[str, str]] = []
    parser = _parser()

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag.rsplit(" ", 1)[-1] == name:
            found.append({key.rsplit(" ", 1)[-1]: value for key, value in attributes.items()})

    parser.StartElementHandler = start
    _parse(parser, data)
    return found


def _sheet(parts: Mapping[str, bytes]) -> tuple[str, str]:
    """Name and part of the sheet to read."""
    sheets = [(s.get("name", ""), s.get("id", "")) for s in _elements(parts["xl/workbook.xml"], "sheet")]
    links = {
        link.get("Id", ""): posixpath.normpath(
            target.lstrip("/") if (target := link.get("Target", "")).startswith("/") else posixpath.join("xl", target)
        )
        for link in _elements(parts.get("xl/_rels/workbook.xml.rels", b"<r/>"), "Relationship")
    }
    found = [(name, links.get(ident, "")) for name, ident in sheets]
    found = [(name, part) for name, part in found if part.startswith("xl/worksheets/") and part in parts]
    if not found:
        raise _Refused("le classeur n’a aucune feuille lisible")
    return next(((n, p) for n, p in found if plain(n).casefold() == SHEET), found[0])


class _Marks:
    """What the XML of a sheet says that values alone do not: formulas and errors, by (line, column number)."""

    def __init__(self) -> None:
        self.formulas: list[tuple[int, int]] = []
        self.errors: list[tuple[int, int]] = []


def _scan(data: bytes) -> _Marks:
    """Walk a sheet once: refuse a cell outside the bounds, note formulas and errors."""
    marks, parser = _Marks(), _parser()
    row, column, kind = 0, 0, ""

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        nonlocal row, column, kind
        name = tag.rsplit(" ", 1)[-1]
        if name == "row":
            told = attributes.get("r", "")
            row, column = (int(told) if told.isdecimal() else row + 1), 0
        elif name == "c":
            kind = attributes.get("t", "")
            if m := _REF.fullmatch(attributes.get("r", "")):
                column = 0
                for letter in m[1]:
                    column = 26 * column + ord(letter) - 64
                row = int(m[2])
            else:
                column += 1
        elif name in ("v", "is", "f") and column:
            if row > MAX_ROWS + 1 or column > MAX_COLUMNS:
                raise _Refused(
                    f"une cellule est écrite loin du tableau (ligne {row}, colonne n° {column})",
                    f"garder au plus {MAX_ROWS} lignes et {MAX_COLUMNS} colonnes.",
                    row,
                )
            if name == "f":
                marks.formulas.append((row, column))
            elif kind == "e":
                marks.errors.append((row, column))

    parser.StartElementHandler = start
    _parse(parser, data)
    return marks


def _values(parts: Mapping[str, bytes], name: str) -> list[list[Any]]:
    """Cells of a sheet as Python values, from A1."""
    from python_calamine import CalamineError, load_workbook  # here: importing the registry must stay cheap

    clean = io.BytesIO()
    with zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as archive:
        for part, data in parts.items():  # the reader only sees what was unpacked under the bound
            archive.writestr(part, data)
    clean.seek(0)
    try:
        with load_workbook(clean) as workbook:
            return workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError, KeyError) as error:
        raise _Refused("le classeur est abîmé : sa feuille ne se lit pas") from error


def _rows(values: list[list[Any]], marks: _Marks, sheet: Sheet) -> None:
    columns: list[str] | None = None
    for line, cells in enumerate(values, start=1):
        texts, wrong = [], []
        for place, value in enumerate(cells, start=1):
            text, reason = _text(value)
            texts.append(text)
            if reason:
                wrong.append((place, reason))
        if not any(texts) and not any(at[0] == line for at in marks.errors):
            continue
        if columns is None:
            columns = header(texts, line, sheet)
            if columns is None:
                break
            continue
        if len(sheet.rows) >= MAX_ROWS:
            sheet.problems.append(too_many(line))
            break
        names = [*columns, *[""] * len(texts)]
        sheet.problems += [Problem(line, names[place - 1], reason, _WRITE) for place, reason in wrong]
        add(sheet, line, columns, [*texts, *[""] * (len(columns) - len(texts))])
    names = columns or []

    def column_name(place: int) -> str:
        return names[place - 1] if place <= len(names) else ""

    sheet.problems += [
        Problem(r, column_name(c), "la cellule contient une formule", _PASTE) for r, c in marks.formulas
    ]
    sheet.problems += [
        Problem(r, column_name(c), "la cellule affiche une erreur de calcul", _WRITE)
        for r, c in marks.errors
        if (r, c) not in marks.formulas
    ]
    if columns is None and not sheet.problems:
        sheet.problems.append(Problem(1, "", f"la feuille est vide (attendu : {';'.join(HEADER)})", _AGAIN))


_WRITE = "écrire la valeur au clavier."
_PASTE = "copier la colonne, puis « collage spécial, valeurs » à la même place."


def _text(value: Any) -> tuple[str, str]:
    """A cell as text, and the French reason why it cannot be one."""
    if value is None or value == "":
        return "", ""
    if isinstance(value, str):
        return plain(value), ""
    if isinstance(value, bool):
        return "", "la cellule contient VRAI ou FAUX"
    if isinstance(value, int):
        return str(value), ""
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return "", "la cellule ne contient pas un nombre"
        # Fifteen digits are what a spreadsheet shows and keeps: 0.1 + 0.2 is written 0.3.
        return format(Decimal(f"{value:.15g}").normalize(), "f"), ""
    if isinstance(value, dt.datetime):
        if value.time() == dt.time():
            return value.date().isoformat(), ""
        return "", "la cellule contient une heure"
    if isinstance(value, dt.date):
        return value.isoformat(), ""
    return "", "la cellule contient une durée ou une heure"
