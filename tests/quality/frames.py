"""The demonstration figures as typed Arrow tables, one a dataset, for the tests of suites.

Not here: the decoders (tests/sources) nor any figure: everything is read from `warehouse/demonstration`.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.demonstration.carry.contract import contracts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "warehouse" / "demonstration"
TYPES = {"text": pa.string(), "int": pa.int64(), "double": pa.float64(), "date": pa.date32()}
READ: dict[str, Callable[[str], Any]] = {
    "text": str,
    "int": lambda cell: int(float(cell)),
    "double": float,
    "date": dt.date.fromisoformat,
}


def demonstration(name: str) -> pa.Table:
    """The table `name` (`insee__filosofi`) with the column types of its contract; empty cells are null."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    columns = {}
    for column, kind in contracts()[name].columns.items():
        cells = [READ[kind](row[column]) if row[column] else None for row in rows]
        columns[column] = pa.array(cells, TYPES[kind])
    return pa.table(columns)


def names() -> list[str]:
    """Tables of the demonstration that are datasets, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*__*.csv"))


def communes() -> dict[str, str]:
    table = demonstration("geo__communes")
    return dict(zip(table["code"].to_pylist(), table["code_epci"].to_pylist(), strict=True))


def partitions(name: str, table: pa.Table) -> dict[str, pa.Table]:
    """Editions as the source cuts them: by EPCI, by year, or whole."""
    import pyarrow.compute as pc

    sirens = sorted(set(communes().values()))
    if name in ("geo__communes", "geo__contours"):
        owner = communes()
        keys = pa.array([owner[c] for c in table["code"].to_pylist()])
        return {siren: table.filter(pc.equal(keys, siren)) for siren in sirens}
    if {"geo_niveau", "geo_code"} <= set(table.column_names):  # Melodi
        owner = communes()
        keys = pa.array([owner.get(c, "") for c in table["geo_code"].to_pylist()])
        out = {f"communes-{siren}": table.filter(pc.equal(keys, siren)) for siren in sirens}
        return {**out, "references": table.filter(pc.equal(keys, ""))}
    if name in ("insee__filosofi_fichiers", "ore__consommation"):
        years = sorted(set(table["annee"].to_pylist()))
        return {str(year): table.filter(pc.equal(table["annee"], year)) for year in years}
    return {"courant": table}
