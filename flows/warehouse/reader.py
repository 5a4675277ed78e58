"""Open a release (or a candidate) read-only and hand its tables out as Arrow.

Not here: writing anything. One connection is opened for each table and closed at once, so that no process ever holds
a release open.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from flows.core.errors import ReleaseError
from flows.core.ordering import in_order
from flows.core.tables import TABLES, conform

DATABASE = "observatoire.duckdb"
CHECKS = "controles.parquet"
# Tables that are not made by dbt: what the gates judged, and what the alerts decided.
FILES = {"fct_check": CHECKS, "fct_alert": "etat/alertes.parquet", "fct_alert_log": "etat/alertes_journal.parquet"}


class DuckRelease:
    """A folder that holds `observatoire.duckdb` and `controles.parquet`, as a core.tables.Release.

    Args:
        folder: the release or candidate folder. raw: gives the bytes of a page, or None when purged.
        models: folder of the dbt models, for the SQL shown on traceability pages.
        manifest: given for a candidate whose manifest is not written yet.
    """

    def __init__(
        self,
        folder: Path,
        *,
        raw: Callable[[str], bytes | None],
        models: Path,
        manifest: dict[str, Any] | None = None,
    ) -> None:
        self.folder = folder
        self._raw = raw
        self._models = models
        self._manifest = manifest
        self._tables: dict[str, pa.Table] = {}

    @cached_property
    def manifest(self) -> dict[str, Any]:
        if self._manifest is not None:
            return self._manifest
        try:
            return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ReleaseError(
                "Cette version n'a pas de manifeste : elle est incomplète.",
                where=str(self.folder),
                todo="choisir une version de la liste « observatoire releases ».",
            ) from None

    @property
    def id(self) -> str:
        return self.manifest["id"]

    @property
    def nuit(self) -> str:
        return self.manifest["nuit"]

    @property
    def mode(self) -> str:
        return self.manifest["mode"]

    def table(self, name: str) -> pa.Table:
        """One of core.tables.TABLES, in the exact schema, rows ordered by their columns.

        A column added to the schema since this release was built is null.

        Raises:
            ReleaseError: the table is unknown, missing, or does not have the agreed columns.
        """
        if name not in self._tables:
            self._tables[name] = self._read(name)
        return self._tables[name]

    def _read(self, name: str) -> pa.Table:
        if name not in TABLES:
            raise ReleaseError(f"La table {name} n'existe pas dans une version.", where=str(self.folder))
        if name in FILES:
            return self._read_file(self.folder / FILES[name], name)
        try:
            with duckdb.connect(str(self.folder / DATABASE), read_only=True) as connection:
                connection.execute("SET threads = 1")
                present = {row[0] for row in connection.execute(f'DESCRIBE "{name}"').fetchall()}
                columns = ", ".join(f'"{column}"' for column in TABLES[name].names if column in present)
                table = connection.execute(f'SELECT {columns} FROM "{name}"').to_arrow_table()
                if not in_order(table):  # written in order by its model, or not
                    table = connection.execute(f'SELECT {columns} FROM "{name}" ORDER BY ALL').to_arrow_table()
        except duckdb.Error as error:
            raise ReleaseError(
                f"La table {name} ne se lit pas : {error}",
                where=str(self.folder / DATABASE),
                todo="reconstruire la version (observatoire rebuild).",
            ) from error
        return conform(table, TABLES[name])

    @staticmethod
    def _read_file(path: Path, name: str) -> pa.Table:
        if name != "fct_check" and not path.exists():  # a release older than the alert ledger
            return TABLES[name].empty_table()
        return conform(pq.read_table(path), TABLES[name])

    def raw(self, sha256: str) -> bytes | None:
        return self._raw(sha256)

    def model_sql(self, name: str) -> str:
        """The SQL of a model as written, "" when it has none (a declared indicator)."""
        found = sorted(self._models.rglob(f"{name}.sql"))
        return found[0].read_text(encoding="utf-8") if found else ""
