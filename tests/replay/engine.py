"""The status models of the warehouse, as dbt compiled them, run on figures of any night in one DuckDB process.

A whole night costs a minute of processor; the SQL that decides a state costs a fraction of a second. What runs is the
project's own compiled SQL, in the order of its references, with the night written in place of the one dbt was given.
Not here: figures (`scenario`) and what alerts make of a state (`play`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from flows.core.tables import TABLES, conform

_TABLE = re.compile(r'"[\w-]+"\."main"\."(\w+)"')
_PREDECESSOR = re.compile(r"read_parquet\('[^']*predecessor_status\.parquet'\)")
_OURS = re.compile(r"(int_statut_|int_trajectoire|fct_status|fct_trajectory|dim_trajectory)")
RESULTS = ("fct_status", "fct_status_change", "dim_trajectory", "fct_trajectory")


class Engine:
    """Runs the models behind `RESULTS`.

    Args:
        database, compiled: what one dbt build left: its database, its folder of compiled models.
        built: the night it was given.
    """

    def __init__(self, database: Path, compiled: Path, built: dt.date) -> None:
        self._built = built.isoformat()
        # Files of tests stand in folders named after their yml, sometimes under the name of a model.
        models = [path for path in sorted(compiled.rglob("*.sql")) if not path.parent.name.endswith(".yml")]
        self._sql = {path.stem: path.read_text(encoding="utf-8") for path in models}
        self.order: list[str] = []
        self.read: set[str] = set()
        for name in RESULTS:
            self._visit(name)
        with duckdb.connect(str(database), read_only=True) as connection:
            self._empty = {
                name: connection.execute(f"select * from {name} limit 0").to_arrow_table()
                for name in sorted(self.read)
            }
            self.indicators = conform(
                connection.execute("select * from dim_indicator").to_arrow_table(), TABLES["dim_indicator"]
            )
            self.trajectory = connection.execute(
                "select * from stg_referentiel__trajectoires where indicateur = 'consommation_enaf'"
            ).to_arrow_table()
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("set threads = 1")

    def _visit(self, name: str) -> None:
        """Models of ours upstream of a model, each after what it reads; the other tables are given, or empty."""
        if name in self.order or name in self.read:
            return
        if not _OURS.match(name):
            self.read.add(name)
            return
        for upstream in _TABLE.findall(self._sql[name]):
            if upstream != name:
                self._visit(upstream)
        self.order.append(name)

    def run(self, nuit: dt.date, given: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """Tables of `RESULTS` for a night; `given` by name, `predecessor_status` among them."""
        connection = self._connection
        for name, table in {**self._empty, **given}.items():
            connection.register("given_table", table)
            connection.execute(f'create or replace temp table "{name}" as select * from given_table')
            connection.unregister("given_table")
        for name in self.order:
            sql = _PREDECESSOR.sub("predecessor_status", _TABLE.sub(r"\1", self._sql[name]))
            sql = sql.replace(self._built, nuit.isoformat())
            connection.execute(f'create or replace temp table "{name}" as {sql}')
        return {
            name: conform(connection.execute(f'select * from "{name}"').to_arrow_table(), TABLES[name])
            for name in RESULTS
        }


def rows_in(table: pa.Table, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows completed with nulls, in the schema of a table."""
    return pa.Table.from_pylist([{n: row.get(n) for n in table.schema.names} for row in rows], schema=table.schema)
