"""The demonstration figures as typed Arrow tables, one a dataset, for the tests of suites.

Not here: the decoders (tests/sources) nor any figure: what is real is read from `warehouse/demonstration`, what is
simulated is asked of the portal.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.core.datasets import FetchContext, Territory
from flows.portal.server import Portal
from flows.sources import registry
from flows.sources.http import HttpClient
from tests.demonstration.carry.contract import contracts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "warehouse" / "demonstration"
NIGHT = dt.date(2026, 11, 20)
TERRITORY = Territory("200042190", "", ("245901160",), "59", "32", "596", "3222", ())
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


def schema(name: str) -> pa.Schema:
    """Columns of a table, of the demonstration or simulated."""
    return demonstration(name).schema if name in names() else next(iter(simulated(name).values())).schema


@cache
def simulated(name: str) -> dict[str, pa.Table]:
    """Decoded editions, by partition, of a dataset that the portal simulates (the newest two partitions)."""
    (dataset,) = (d for d in registry(TERRITORY).values() if d.table_name == name)
    with Portal(FOLDER, NIGHT) as portal, HttpClient(portal=portal.url, user_agent="tests", tries=1) as http:
        keys = {secret: "demonstration" for secret in dataset.credentials}
        ctx = FetchContext(http, TERRITORY, NIGHT, communes=tuple(sorted(communes())), credentials=keys)
        newest = list(dataset.partitions(ctx))[-2:]
        return {part.key: dataset.decode(list(dataset.fetch(ctx, part))) for part in newest}


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
        out["references"] = table.filter(pc.equal(keys, ""))
        return {key: part for key, part in out.items() if part.num_rows}  # a national table has no communes
    if name in ("insee__filosofi_fichiers", "ore__consommation"):
        years = sorted(set(table["annee"].to_pylist()))
        return {str(year): table.filter(pc.equal(table["annee"], year)) for year in years}
    if name == "ssmsi__delinquance":  # one file a level
        levels = ("commune", "departement", "region")
        return {f"{level}s": table.filter(pc.equal(table["niveau"], level)) for level in levels}
    if name == "odt__non_inseres":  # one file a level too
        files = {"communes": "COM", "epci": "EPCI", "departements": "DEP", "regions": "REG"}
        return {key: table.filter(pc.equal(table["niveau"], level)) for key, level in files.items()}
    return {"courant": table}
