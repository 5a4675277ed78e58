"""The rows of the exports and their plain writings: CSV, Parquet, JSON. The contract with the world is `COLUMNS`.

CSV is RFC 4180: UTF-8 without a mark, comma, CRLF, decimal point, quotes only where needed. Empty means secret or
missing: `statut` says which. Numbers are written as short as they are exact.

Not here: which files exist (`exports`), workbooks (`workbook`), catalogues (`exports_catalogue`).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.core.errors import ReleaseError
from flows.core.ordering import in_order

Row = dict[str, Any]

# docs/architecture.md and tests/publishing/test_exports.py hold this order for twenty years.
COLUMNS = (
    "indicateur",
    "territoire_niveau",
    "territoire_code",
    "territoire",
    "periode",
    "ventilation",
    "valeur",
    "unite",
    "borne_basse",
    "borne_haute",
    "statut",
    "nature",
    "note",
    "millesime",
    "source",
    "licence",
)
KEY = ("indicateur", "territoire_niveau", "territoire_code", "periode", "ventilation")
NUMBERS = frozenset(("valeur", "borne_basse", "borne_haute"))
UNKNOWN = frozenset(("secret", "manquant"))


def observations(table: pa.Table) -> pa.Table:
    """`fct_observation` in the columns and key order of the exports.

    Raises:
        ReleaseError: a key appears twice, a secret or missing figure carries a value (it must never leave), a number
            is not finite.
    """
    table = table.select(list(COLUMNS)).cast(arrow_schema())
    distinct = in_order(table, KEY)
    if not distinct:
        table = table.sort_by([(name, "ascending") for name in KEY])
    unknown = pc.is_in(table["statut"], value_set=pa.array(sorted(UNKNOWN)))
    _refuse(
        table,
        pc.and_(unknown, pc.is_valid(table["valeur"])),
        "Un chiffre secret ou manquant porte une valeur : l’export est refusé.",
        "corriger le modèle de l’indicateur : la valeur d’un secret est nulle, jamais zéro.",
    )
    for name in sorted(NUMBERS):
        wrong = pc.invert(pc.fill_null(pc.is_finite(table[name]), True))
        _refuse(
            table, wrong, "Un chiffre à exporter n’est pas un nombre fini.", "corriger le modèle de l’indicateur."
        )
    if table.num_rows > 1 and not distinct:
        pairs = [pc.equal(table[name].slice(1), table[name].slice(0, table.num_rows - 1)) for name in KEY]
        again = pairs[0]
        for pair in pairs[1:]:
            again = pc.and_(again, pair)
        _refuse(
            table.slice(1),
            again,
            "Deux observations ont la même clé : l’export est refusé.",
            "corriger le modèle de l’indicateur.",
        )
    return table


def _refuse(table: pa.Table, wrong: Any, what: str, todo: str) -> None:
    found = table.filter(wrong).slice(0, 1).to_pylist()
    if found:
        where = f"fct_observation, {' / '.join(str(found[0][column]) for column in KEY)}"
        raise ReleaseError(what, where=where, todo=todo)


def plain(value: Any) -> str:
    """A value as a machine reads it: shortest exact decimal for numbers, ISO for dates, `true`/`false`, lists by `;`.

    Raises:
        ReleaseError: a number that is not finite.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ReleaseError("Un chiffre à exporter n’est pas un nombre fini.", where=repr(value))
        exact = Decimal(repr(value))
        text = format(exact, "f")
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return "0" if text in ("-0", "") else text
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ";".join(plain(item) for item in value)
    return str(value)


def csv_bytes(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """RFC 4180 bytes, header included."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=",", quotechar='"', quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([plain(row[column]) for column in columns])
    return buffer.getvalue().encode()


def csv_header(columns: Sequence[str]) -> bytes:
    """The first line of a CSV."""
    return (",".join(columns) + "\r\n").encode()


def csv_lines(table: pa.Table) -> bytes:
    """The lines of a table after the header, the same bytes as `csv_bytes`, composed column by column.

    A night of a large territory writes millions of lines: a loop over cells would be most of its time.
    """
    if not table.num_rows:
        return b""
    columns = [_column(table[name]) for name in table.column_names]
    lines = pc.binary_join_element_wise(*columns, _text(","))
    ended = pc.binary_join_element_wise(lines, _text("\r\n"), _text(""))
    body = ended.combine_chunks() if isinstance(ended, pa.ChunkedArray) else ended
    offsets = memoryview(body.buffers()[1]).cast("q")
    start, end = offsets[body.offset], offsets[body.offset + len(body)]
    return bytes(memoryview(body.buffers()[2])[start:end])


def _text(value: str) -> pa.Scalar:
    return pa.scalar(value, pa.large_string())


def _column(column: pa.ChunkedArray) -> pa.Array:
    """Cells as written: empty for null, quoted where RFC 4180 asks for it."""
    if pa.types.is_floating(column.type):
        distinct = column.combine_chunks().dictionary_encode()
        words = pa.array([plain(value) for value in distinct.dictionary.to_pylist()], pa.large_string())
        text = words.take(distinct.indices)
    else:
        text = column.cast(pa.large_string()).combine_chunks()
        doubled = pc.replace_substring(text, '"', '""')
        quoted = pc.binary_join_element_wise(_text('"'), doubled, _text('"'), _text(""))
        text = pc.if_else(pc.match_substring_regex(text, '[",\r\n]'), quoted, text)
    return pc.fill_null(text.cast(pa.large_string()), "")


def json_bytes(document: Any) -> bytes:
    """UTF-8 JSON, one member a line; dates in ISO form; `observations` checked that its numbers are finite."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def arrow_schema() -> pa.Schema:
    """The exports' columns as Arrow types: text, and doubles for the figure and its bounds."""
    return pa.schema([pa.field(c, pa.float64() if c in NUMBERS else pa.string()) for c in COLUMNS])


def parquet_bytes(table: pa.Table, *, version: str) -> bytes:
    """Parquet bytes with the release in the file's metadata; same rows, same bytes.

    Args:
        table: as `observations` gives it. version: id of the release.
    """
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.replace_schema_metadata({"observatoire.version": version}),
        sink,
        compression="zstd",
        row_group_size=1_000_000,
        version="2.6",
        data_page_version="1.0",
    )
    return sink.getvalue().to_pybytes()
