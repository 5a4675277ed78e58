"""Small landed sets for tests of the warehouse: rows as Python dicts → the Parquet files and inputs that dbt reads.

Not here: fetching and decoding (flows.sources), choosing editions (flows.landing). The schemas are those that the
sources declare.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from flows.core.datasets import Territory
from flows.core.tables import TABLES
from flows.portal.figures import Figures, specs
from flows.sources import registry
from flows.warehouse.revisions import CONTEXT, predecessor_revisions
from tests.quality.frames import simulated

ROOT = Path(__file__).resolve().parents[2]
NUIT = dt.date(2026, 11, 20)
# Nothing here depends on the place, but a dataset is declared for one.
_PLACE = Territory("200042190", "", ("245901160",), "59", "32", "596", "3222", ())
SCHEMAS: dict[str, pa.Schema] = {found.table_name: found.schema for found in registry(_PLACE).values()}
_EXTRA = (
    pa.field("_edition", pa.string()),
    pa.field("_partition", pa.string()),
    pa.field("_nuit", pa.date32()),
    pa.field("_sequence", pa.int64()),
)


def write_landed(folder: Path, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, list[str]]:
    """Write one Parquet per dataset (an empty one where `rows` has nothing) and return the variable `landed`.

    A row may give `_edition`, `_partition` or `_nuit` itself; by default the edition is named after the dataset.
    """
    folder.mkdir(parents=True, exist_ok=True)
    landed = {}
    for name, schema in SCHEMAS.items():
        full = pa.schema([*schema, *_EXTRA])
        given = [
            {"_edition": f"ed-{name}", "_partition": "courant", "_nuit": NUIT, "_sequence": 1} | dict(row)
            for row in rows.get(name, ())
        ]
        unknown = {key for row in given for key in row} - set(full.names)
        if unknown:
            raise KeyError(f"{name}: unknown columns {sorted(unknown)}")
        path = folder / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist(given, schema=full), path)
        landed[name] = [str(path)]
    return landed


def write_inputs(
    folder: Path,
    *,
    indicators: pa.Table,
    territories: Iterable[tuple[str, str, str, str]],
    datasets: Iterable[Mapping[str, Any]] | None = None,
    editions: Iterable[Mapping[str, Any]] | None = None,
    predecessor: pa.Table | None = None,
) -> str:
    """Write `inputs/*.parquet` and return the folder, as the variable `inputs`.

    Args:
        territories: (niveau, code, nom, role) in the order of pages; the first is the observatory's own.
        datasets, editions: rows of dim_dataset and dim_edition; by default one of each a landed dataset.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if datasets is None:
        datasets = [
            {
                "jeu": name.replace("__", "/"),
                "titre": f"Jeu {name}",
                "editeur": name.split("__")[0].upper(),
                "licence": "lov2",
                "licence_nom": "Licence Ouverte 2.0",
                "etat": "a_jour",
                "simule": False,
            }
            for name in SCHEMAS
        ]
    if editions is None:
        editions = [
            {"edition": f"ed-{name}", "jeu": name.replace("__", "/"), "page": 1, "simule": False} for name in SCHEMAS
        ]
    places = [
        {"niveau": niveau, "code": code, "nom": nom, "role": role, "ordre": ordre}
        for ordre, (niveau, code, nom, role) in enumerate(territories)
    ]
    place_schema = pa.schema(
        [(name, pa.string()) for name in ("niveau", "code", "nom", "role")] + [("ordre", pa.int64())]
    )
    tables = {
        "indicators": indicators,
        "datasets": _table("dim_dataset", datasets),
        "editions": _table("dim_edition", editions),
        "territories": pa.Table.from_pylist(places, schema=place_schema),
        "corrections": TABLES["dim_correction"].empty_table(),
        "predecessor_history": TABLES["fct_status_history"].empty_table(),
        "predecessor_status": predecessor if predecessor is not None else TABLES["fct_status"].empty_table(),
    }
    tables |= {"context": CONTEXT.empty_table(), **predecessor_revisions(None)}
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return str(folder)


def _table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows completed with nulls, in the schema of a table of a release."""
    schema = TABLES[name]
    return pa.Table.from_pylist([{column: row.get(column) for column in schema.names} for row in rows], schema=schema)


def read_csv_rows(path: Path, name: str) -> list[dict[str, Any]]:
    """Rows of one of the project's own CSV (demonstration figures, stewards' tables), typed as landed."""
    schema = SCHEMAS[name]
    with path.open(encoding="utf-8", newline="") as stream:
        return [_typed(row, schema) for row in csv.DictReader(stream)]


def _typed(row: Mapping[str, str], schema: pa.Schema) -> dict[str, Any]:
    return {field.name: _cell(row.get(field.name), field.type) for field in schema}


def _cell(text: str | None, kind: pa.DataType) -> Any:
    if pa.types.is_string(kind):
        return text
    if not text:
        return None
    if pa.types.is_date(kind):
        return dt.date.fromisoformat(text)
    if pa.types.is_boolean(kind):
        return text == "True"
    return int(float(text)) if pa.types.is_integer(kind) else float(text)


def demonstration_rows() -> dict[str, list[dict[str, Any]]]:
    """Landed rows made from warehouse/demonstration/*.csv, the stewards' seeds, and what the portal simulates."""
    rows: dict[str, list[dict[str, Any]]] = {}
    figures = Figures(ROOT / "warehouse" / "demonstration")
    for name in SCHEMAS:
        provider, _, short = name.partition("__")
        path = ROOT / "warehouse" / "demonstration" / f"{name}.csv"
        if provider == "referentiel":
            path = ROOT / "dbt_project" / "seeds" / f"{short}.csv"
        draw = specs()[name].simulate if name in specs() else None
        if path.exists():
            rows[name] = read_csv_rows(path, name)
        elif draw is not None and not set(SCHEMAS[name].names) <= set(specs()[name].columns):
            # What is drawn is not what is landed (a shape, not its points): the source makes one of the other.
            rows[name] = [row for table in simulated(name).values() for row in table.to_pylist()]
        elif draw is not None:
            rows[name] = [_typed(row, SCHEMAS[name]) for row in draw(figures)]
    for row in rows.get("ges__inventaire_communal", []):
        row["_partition"] = "2016"
    return rows
