"""What several decoders need: strict CSV, JSON and workbooks, codes as text, a table of exactly the declared schema.

Not here: zip archives (archives.py) and anything a single provider means by its columns. A decoder never guesses:
bytes that are not what the contract says raise DecodeError with the official address and what is missing.
"""

from __future__ import annotations

import csv
import io
import json
import math
import pickle
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa

from flows.core.datasets import Page
from flows.core.errors import DecodeError

_ADVICE = "comparer avec docs/sources.md : l'éditeur a changé la forme de ses données, le décodeur est à revoir."

_XLS = b"\xd0\xcf\x11\xe0"  # the compound file of a workbook before 2007
_XLS_SECONDS = 60
# The largest sheets read here have 35,000 communes by 40 columns.
_SHEET_CELLS = 20_000_000
_SHEET_BYTES = 400_000_000

Cell = str | int | float | bool | None | Any


def fail(what: str, where: str, todo: str = _ADVICE) -> NoReturn:
    """Raise the DecodeError of a decoder."""
    raise DecodeError(what, where=where, todo=todo)


def text_of(body: bytes, where: str) -> str:
    """UTF-8 text, with or without BOM. Raises DecodeError with the position of the first wrong byte."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fail(f"Le fichier n'est pas en UTF-8 (octet {error.start}).", where)


def json_of(page: Page) -> Any:
    """The JSON value of a page. Raises DecodeError when it is not JSON."""
    try:
        return json.loads(text_of(page.body, page.address))
    except ValueError:
        fail("La réponse n'est pas du JSON complet.", page.address)


def csv_rows(text: str, *, delimiter: str, where: str, required: Sequence[str] = ()) -> list[dict[str, str]]:
    """Rows of a CSV with a header, cells as written (outer blanks removed from header names only).

    A short or long row is refused: a delimiter inside a cell or a cut line would shift every following figure.

    Raises:
        DecodeError: no header, a missing column (named), a repeated column, a row of another length (line given).
    """
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[dict[str, str]] = []
    try:
        header = [name.strip() for name in next(lines, [])]
        require(header, required, where)
        if len(set(header)) != len(header):
            twice = sorted({name for name in header if header.count(name) > 1})
            fail(f"Des colonnes sont répétées : {', '.join(twice)}.", where)
        for cells in lines:
            if not cells:
                continue
            if len(cells) != len(header):
                fail(
                    f"La ligne {lines.line_num} a {len(cells)} cellules au lieu de {len(header)}.",
                    f"{where}, ligne {lines.line_num}",
                )
            rows.append(dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        fail(f"Le CSV est mal formé ({error}).", f"{where}, ligne {lines.line_num}")
    return rows


def separated(text: str, *, where: str, required: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a CSV whose publisher writes `;` or `,`: the separator under which the header has `required`.

    Raises:
        DecodeError: no separator gives every column (the missing ones are named), and as `csv_rows`.
    """
    header = text[: (text.find("\n") + 1) or len(text)]
    names = {sign: {cell.strip().strip('"') for cell in header.strip().split(sign)} for sign in ";,"}
    sign = max(names, key=lambda s: len(names[s] & set(required)))
    return csv_rows(text, delimiter=sign, where=where, required=required)


def require(present: Iterable[str], required: Iterable[str], where: str) -> None:
    """Raise DecodeError naming every name of `required` that is not in `present`; extra names are fine."""
    have = set(present)
    missing = [name for name in required if name not in have]
    if missing:
        fail(f"Il manque : {', '.join(missing)}.", where)


def sheets_of(body: bytes, where: str, wanted: Sequence[str] | None = None) -> dict[str, list[list[Cell]]]:
    """Sheets of a workbook (.xlsx or .xls), each a list of rows from its first row, empty cells as "".

    Args:
        wanted: names of the sheets to read (only those that exist are returned); all when None.

    Raises:
        DecodeError: the workbook cannot be read.
    """
    if body.startswith(_XLS):
        return _old_sheets(body, where, wanted)
    _check_extent(body, where)
    from python_calamine import load_workbook  # here: importing the registry must stay cheap

    try:
        book = load_workbook(io.BytesIO(body))
        names = [n for n in book.sheet_names if wanted is None or n in wanted]
        return {n: book.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in names}
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of the reader is no Exception: let through, it would end the night
        fail(f"Le classeur ne peut pas être lu ({type(error).__name__}).", where)


def _check_extent(body: bytes, where: str) -> None:
    """Refuse an .xlsx whose cells lie too far: the reader reserves the whole rectangle, and dies when it cannot."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            for member in book.infolist():
                if not member.filename.startswith("xl/worksheets/") or not member.filename.endswith(".xml"):
                    continue
                if member.file_size > _SHEET_BYTES:
                    fail("Une feuille du classeur est démesurée.", f"{where}, {member.filename}")
                text = book.read(member)
                rows = max(map(int, re.findall(rb' r="[A-Z]{1,3}([0-9]{1,7})"', text)), default=0)
                columns = max(map(_column, set(re.findall(rb' r="([A-Z]{1,3})[0-9]', text))), default=0)
                if rows * columns > _SHEET_CELLS:
                    what = f"Une cellule du classeur est hors du tableau (ligne {rows}, colonne {columns})."
                    fail(what, f"{where}, {member.filename}")
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        fail(f"Le classeur ne peut pas être lu ({type(error).__name__}).", where)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _old_sheets(body: bytes, where: str, wanted: Sequence[str] | None) -> dict[str, list[list[Cell]]]:
    """The sheets of an .xls, read by a child: a damaged one can end the process that reads it."""
    names = json.dumps(None if wanted is None else list(wanted))
    child = [sys.executable, str(Path(__file__).with_name("xls_child.py")), names]
    try:
        done = subprocess.run(child, input=body, capture_output=True, timeout=_XLS_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        fail(f"Le classeur n'est pas lu en {_XLS_SECONDS} s.", where)
    if done.returncode:
        fail("Le classeur ne peut pas être lu : il est abîmé.", where)
    sheets: dict[str, list[list[Cell]]] = pickle.loads(done.stdout)
    return sheets


def code_text(cell: Cell, width: int = 0) -> str:
    """A code as text: 59.0 → "59", "01" → "01"; left-padded with zeros to `width` when it is made of digits."""
    text = number_text(cell)
    return text.zfill(width) if width and text.isdigit() else text


def number_text(cell: Cell) -> str:
    """A figure as written: numbers of workbooks in their shortest exact form ("21712.4", "56"), texts stripped."""
    if isinstance(cell, bool) or cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).strip()


def decimal(text: str) -> float | None:
    """A figure written with a decimal point or comma, None when empty.

    Raises:
        ValueError: anything else (a marker such as `s`, infinity, NaN, thousands separators): the caller decides.
    """
    cleaned = text.strip()
    if not cleaned:
        return None
    if not all(c.isdigit() or c in "+-.,eE" for c in cleaned) or cleaned.count(",") + cleaned.count(".") > 1:
        raise ValueError(text)
    value = float(cleaned.replace(",", "."))
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def table(schema: pa.Schema, rows: Iterable[Mapping[str, Any]], order: Sequence[str]) -> pa.Table:
    """Rows as a table of exactly `schema`, sorted by the columns `order` (nulls first), ties by the whole row.

    The order of a publisher's answer is arbitrary; ours is not, so that the same figures give the same fingerprint.
    """
    names = schema.names
    rest = [n for n in names if n not in order]
    listed = sorted(rows, key=lambda row: [_rank(row.get(n)) for n in (*order, *rest)])
    return pa.Table.from_pydict({n: [row.get(n) for row in listed] for n in names}, schema=schema)


def _rank(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)
