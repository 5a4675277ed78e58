"""Reads the reference files and writes the demonstration tables: the only file handling of this package.

Not here: which figure goes where (geography, insee, energy, others). Texts stay texts: a figure is carried over as
its source writes it, so that no rounding can slip in; arithmetic on figures goes through `Decimal`.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.demonstration.carry.contract import contracts

Row = dict[str, str]


class CarryError(RuntimeError):
    """A reference file does not say what its carrying-over relies on."""


def rows(path: Path, delimiter: str = ",", skip: int = 0) -> list[Row]:
    """The rows of a CSV file below its header, all texts; `skip` title lines come before the header."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for _ in range(skip):
            next(stream)
        return [dict(row) for row in csv.DictReader(stream, delimiter=delimiter)]


def indexed(table: Iterable[Row], column: str) -> dict[str, Row]:
    """Rows by a column whose values must be unique.

    Raises:
        CarryError: when a value comes twice.
    """
    result: dict[str, Row] = {}
    for row in table:
        if row[column] in result:
            raise CarryError(f"{column} {row[column]} comes twice")
        result[row[column]] = row
    return result


def times(text: str, factor: int) -> str:
    """A decimal text times an integer, exactly, written without exponent; an empty text stays empty."""
    return plain(Decimal(text) * factor) if text else ""


def plain(value: Decimal) -> str:
    """A decimal written without exponent nor trailing zeros after the point."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_order(name: str, table: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The rows of a demonstration table as texts, sorted by its key (integers as numbers, the rest as text).

    Raises:
        CarryError: columns other than the contract's, or a key that comes twice.
    """
    contract = contracts()[name]
    result = [{column: str(value) for column, value in row.items()} for row in table]
    for row in result:
        if list(row) != list(contract.columns):
            raise CarryError(f"{name}: columns {list(row)} instead of {list(contract.columns)}")

    def key(row: Row) -> tuple[Any, ...]:
        return tuple(int(row[c] or 0) if contract.columns[c] == "int" else row[c] for c in contract.key)

    result.sort(key=key)
    for before, after in itertools.pairwise(result):
        if key(before) == key(after):
            raise CarryError(f"{name}: key {key(after)} comes twice")
    return result


def as_csv(name: str, table: Iterable[Mapping[str, Any]]) -> bytes:
    """The bytes of a demonstration table: UTF-8, LF, comma, sorted by key."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(contracts()[name].columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(in_order(name, table))
    return stream.getvalue().encode()
