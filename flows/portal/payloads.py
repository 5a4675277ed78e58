"""What an answer carries before it becomes bytes: JSON, text, CSV, workbooks, archives.

Keeping the structure until the last moment is what lets a fault rename a column or recode a text in any format with
one rule (`flows.portal.mutations`). Every encoding is deterministic: dates inside xlsx and zip files are fixed.

Not here: which figures go where (one module per publisher) and HTTP (`flows.portal.answers`).
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Cell = str | int | float | None

_ZIP_DATE = (2026, 1, 1, 0, 0, 0)
_BOOK_DATE = dt.datetime(2026, 1, 1)


def words(text: str, separator: str | None = None) -> list[str]:
    """Names written in one readable line: `words("a b")`, `words("a,b", ",")`."""
    return text.split(separator)


@dataclass(frozen=True)
class Raw:
    """Bytes that are served as they are (error pages, empty bodies)."""

    data: bytes = b""


@dataclass(frozen=True)
class Text:
    """A text, in UTF-8."""

    text: str


@dataclass(frozen=True)
class Json:
    """A JSON value. `pretty` reproduces the indented form that a part of Melodi emits."""

    value: Any
    pretty: bool = False


@dataclass(frozen=True)
class Csv:
    """A delimited file: `header` then `rows`, cells as text, None as empty.

    `quote` is "minimal", "all" or "text" (data-fair: texts quoted, numbers bare). `encoding`: the file's own.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    delimiter: str = ","
    newline: str = "\n"
    bom: bool = False
    quote: str = "minimal"
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Sheet:
    """One sheet: rows of cells from the top left; `codes` is the index of the row that names the columns."""

    name: str
    rows: Sequence[Sequence[Cell]]
    codes: int = 0


@dataclass(frozen=True)
class Book:
    """A workbook; `kind` is "xlsx" or "xls" (BIFF8)."""

    sheets: Sequence[Sheet]
    kind: str = "xlsx"


@dataclass(frozen=True)
class Archive:
    """A zip file; members in the order given, each with the same fixed date."""

    members: Sequence[tuple[str, Payload]]


@dataclass(frozen=True)
class Gzip:
    """One payload compressed by gzip, without a date."""

    member: Payload


Payload = Raw | Text | Json | Csv | Book | Archive | Gzip


def encode(payload: Payload) -> bytes:
    """Bytes of a payload; same payload, same bytes."""
    if isinstance(payload, Raw):
        return payload.data
    if isinstance(payload, Text):
        return payload.text.encode()
    if isinstance(payload, Json):
        return _json(payload).encode()
    if isinstance(payload, Csv):
        return (b"\xef\xbb\xbf" if payload.bom else b"") + _csv_text(payload).encode(payload.encoding)
    if isinstance(payload, Archive):
        return _zip(payload)
    if isinstance(payload, Gzip):
        return gzip.compress(encode(payload.member), 6, mtime=0)
    return _xlsx(payload) if payload.kind == "xlsx" else _xls(payload)


def text_of(payload: Payload) -> str | None:
    """The text of a textual payload (None for workbooks, archives and raw bytes)."""
    if isinstance(payload, Text):
        return payload.text
    if isinstance(payload, Json):
        return _json(payload)
    if isinstance(payload, Csv):
        return _csv_text(payload)
    return None


def _json(payload: Json) -> str:
    if payload.pretty:
        return json.dumps(payload.value, ensure_ascii=False, indent=2, separators=(",", " : "))
    return json.dumps(payload.value, ensure_ascii=False, separators=(",", ":"))


def _csv_text(payload: Csv) -> str:
    out = io.StringIO()
    if payload.quote == "text":
        _quoted_texts(payload, out)
    else:
        writer = csv.writer(
            out,
            delimiter=payload.delimiter,
            lineterminator=payload.newline,
            quoting=csv.QUOTE_ALL if payload.quote == "all" else csv.QUOTE_MINIMAL,
        )
        if payload.header:
            writer.writerow(payload.header)
        writer.writerows(payload.rows)
    return out.getvalue()


def _quoted_texts(payload: Csv, out: io.StringIO) -> None:
    def cell(value: Cell) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, str):
            return '"' + value.replace('"', '""') + '"'
        return str(value)

    for row in ([*payload.header], *payload.rows) if payload.header else payload.rows:
        out.write(payload.delimiter.join(cell(value) for value in row) + payload.newline)


def _zip(payload: Archive) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, member in payload.members:
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, encode(member))
    return out.getvalue()


def _xlsx(payload: Book) -> bytes:
    import xlsxwriter  # only the few answers that are workbooks pay for it

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False, "strings_to_urls": False})
    book.set_properties({"created": _BOOK_DATE})
    for sheet in payload.sheets:
        page = book.add_worksheet(sheet.name)
        for i, row in enumerate(sheet.rows):
            for j, value in enumerate(row):
                if isinstance(value, str):
                    if value:
                        page.write_string(i, j, value)
                elif value is not None:
                    page.write_number(i, j, value)
    book.close()
    return out.getvalue()


def _xls(payload: Book) -> bytes:
    import xlwt
    from xlwt.Cell import NumberCell

    class Number(NumberCell):  # type: ignore[misc]
        """A NUMBER record: whole numbers would otherwise be packed as integers, and 59.0 would come back as 59."""

        __slots__ = ()

        def get_encoded_data(self) -> tuple[int, bytes]:
            return 0, struct.pack("<5Hd", 0x0203, 14, self.rowx, self.colx, self.xf_idx, self.number)

    book = xlwt.Workbook(encoding="utf-8")
    style = book.add_style(xlwt.Style.default_style)
    for sheet in payload.sheets:
        page = book.add_sheet(sheet.name, cell_overwrite_ok=True)
        for i, row in enumerate(sheet.rows):
            for j, value in enumerate(row):
                if value is None or value == "":
                    continue
                page.write(i, j, value)
                if not isinstance(value, str):
                    page.row(i).insert_cell(j, Number(i, j, style, value))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
