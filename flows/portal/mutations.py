"""Faults of the content: a column renamed, a text in the wrong encoding, a count that does not agree.

They act on the payload, whatever its format, just before it becomes bytes. Not here: faults of the figures
(`flows.portal.figures`) and of the transport (`flows.portal.server`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flows.portal.faults import Fault, Kind
from flows.portal.payloads import Archive, Book, Csv, Gzip, Json, Payload, Raw, Sheet, Text, encode, text_of

# Keys that announce how many things an answer holds, at any depth, in the publishers' own words.
COUNTS = frozenset({"count", "total", "total_count", "totalCount", "records_count", "filesize", "numberMatched"})

# Parts of an answer whose counts describe the whole of it.
_INSIDE = frozenset({"paging", "meta", "metas", "default", "header", "resources", "data"})


def mutate(payload: Payload, faults: Sequence[Fault], main: str = "") -> Payload:
    """The payload after the content faults, in their order.

    `main` is the column or key that a client of this answer cannot do without: the one that is renamed when the
    fault names none.
    """
    for fault in faults:
        if fault.kind is Kind.WRONG_SCHEMA:
            column = str(fault.options["column"]) or main
            payload = renamed(payload, column, str(fault.options["to"]) or f"{column}_2")
        elif fault.kind is Kind.COUNT_MISMATCH:
            payload = miscounted(payload, int(fault.options["by"]))
        elif fault.kind is Kind.WRONG_ENCODING:
            payload = miscoded(payload)
    return payload


def renamed(payload: Payload, column: str, to: str) -> Payload:
    """The column or key `column` called `to`, wherever the payload has it."""
    if isinstance(payload, Csv):
        return replace(payload, header=[to if name == column else name for name in payload.header])
    if isinstance(payload, Book):
        return replace(payload, sheets=[_renamed_sheet(sheet, column, to) for sheet in payload.sheets])
    if isinstance(payload, Archive):
        return Archive([(name, renamed(member, column, to)) for name, member in payload.members])
    if isinstance(payload, Gzip):
        return Gzip(renamed(payload.member, column, to))
    if isinstance(payload, Json):
        return replace(payload, value=_renamed_keys(payload.value, column, to))
    if isinstance(payload, Text):  # XML: an attribute, or the value of one that names a column
        return Text(payload.text.replace(f' {column}="', f' {to}="').replace(f'"{column}"', f'"{to}"'))
    return payload


def miscounted(payload: Payload, by: int) -> Payload:
    """Announced counts moved by `by`; an answer that announces none is left alone."""
    if isinstance(payload, Json):
        return replace(payload, value=_moved(payload.value, by))
    return payload


def miscoded(payload: Payload) -> Payload:
    """Windows-1252 bytes under a UTF-8 announcement; UTF-16 when the text has no accent that would show it, or when
    the file is in Windows-1252 by right.

    Workbooks are bytes, not text: they come out as if a proxy had recoded them from Windows-1252 to UTF-8.
    """
    if isinstance(payload, Archive):
        return Archive([(name, miscoded(member)) for name, member in payload.members])
    if isinstance(payload, Gzip):
        return Gzip(miscoded(payload.member))
    if isinstance(payload, Book):
        return Raw(encode(payload).decode("latin-1").encode())
    text = text_of(payload)
    if text is None or isinstance(payload, Raw):
        return payload
    by_right = isinstance(payload, Csv) and payload.encoding != "utf-8"
    return Raw(text.encode("utf-16" if by_right or text.isascii() else "cp1252", errors="replace"))


def _renamed_sheet(sheet: Sheet, column: str, to: str) -> Sheet:
    rows = list(sheet.rows)
    rows[sheet.codes] = [to if cell == column else cell for cell in rows[sheet.codes]]
    return replace(sheet, rows=rows)


def _renamed_keys(value: Any, name: str, to: str) -> Any:
    if isinstance(value, dict):
        return {to if key == name else key: _renamed_keys(item, name, to) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed_keys(item, name, to) for item in value]
    return value


def _moved(value: Any, by: int) -> Any:
    """Counts of the top level moved, and those of `paging`, `metas` and `resources`; those of groups stay."""
    if isinstance(value, list):
        return [_moved(item, by) if isinstance(item, dict) else item for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for key, item in value.items():
        if key in COUNTS and isinstance(item, int) and not isinstance(item, bool):
            item = item + by
        elif key in _INSIDE and isinstance(item, dict | list):
            item = _moved(item, by)
        out[key] = item
    return out
