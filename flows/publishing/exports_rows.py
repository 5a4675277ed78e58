"""The rows of the exports and their plain writings: CSV, Parquet, JSON. The contract with the world is `COLUMNS`.

CSV is RFC 4180: UTF-8 without a mark, comma, CRLF, decimal point, quotes only where needed. Empty means secret or
missing: `statut` says which. Numbers are written as short as they are exact.

Not here: which files exist (`exports`), workbooks (`workbook`), catalogues (`exports_catalogue`).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from flows.core.errors import ReleaseError

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


def observations(rows: Iterable[Row]) -> list[Row]:
    """Rows of `fct_observation` in the columns and key order of the exports.

    Raises:
        ReleaseError: a key appears twice, or a secret or missing figure carries a value (it must never leave).
    """
    out = []
    for row in rows:
        if row["statut"] in UNKNOWN and row["valeur"] is not None:
            raise ReleaseError(
                "Un chiffre secret ou manquant porte une valeur : l’export est refusé.",
                where=f"fct_observation, {' / '.join(str(row[column]) for column in KEY)}",
                todo="corriger le modèle de l’indicateur : la valeur d’un secret est nulle, jamais zéro.",
            )
        out.append({column: row[column] for column in COLUMNS})
    out.sort(key=lambda row: tuple(row[column] for column in KEY))
    for before, after in itertools.pairwise(out):
        if all(before[column] == after[column] for column in KEY):
            raise ReleaseError(
                "Deux observations ont la même clé : l’export est refusé.",
                where=f"fct_observation, {' / '.join(str(after[column]) for column in KEY)}",
                todo="corriger le modèle de l’indicateur.",
            )
    return out


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


def json_bytes(document: Any) -> bytes:
    """UTF-8 JSON, one member a line, whole numbers without a decimal part, no NaN."""
    return (json.dumps(_short(document), ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value == int(value) and abs(value) < 2**53 else value
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value


def arrow_schema() -> pa.Schema:
    """The exports' columns as Arrow types: text, and doubles for the figure and its bounds."""
    return pa.schema([pa.field(c, pa.float64() if c in NUMBERS else pa.string()) for c in COLUMNS])


def parquet_bytes(rows: Sequence[Row], *, version: str) -> bytes:
    """Parquet bytes with the release in the file's metadata; same rows, same bytes.

    Args:
        version: id of the release.
    """
    schema = arrow_schema().with_metadata({"observatoire.version": version})
    table = pa.Table.from_pylist(list(rows), schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", row_group_size=1_000_000, version="2.6", data_page_version="1.0")
    return sink.getvalue().to_pybytes()
