"""One dbt build for tests of the warehouse, and the status models as dbt compiled them, run on given tables.

Not here: the landed rows (tests.warehouse.landed) and the fixtures that share a build (conftest).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from flows.core.datasets import Territory
from flows.core.tables import TABLES
from flows.warehouse.catalogue import indicator_models, indicators_table, read_indicators
from flows.warehouse.dbt import Dbt
from flows.warehouse.reader import DATABASE
from tests.warehouse.landed import NUIT, ROOT, SCHEMAS, write_inputs, write_landed

PROJECT = ROOT / "dbt_project"
TERRITORY = Territory(
    epci="200042190",
    nom="La Porte du Hainaut",
    voisins=("245901160",),
    departement="59",
    region="32",
    arrondissement="596",
    zone_emploi="3222",
    references=(
        ("epci", "245901160", "Valenciennes Métropole"),
        ("zone_emploi", "3222", "Zone d’emploi de Valenciennes"),
        ("departement", "59", "Nord"),
        ("region", "32", "Hauts-de-France"),
        ("france_metropolitaine", "FM", "France métropolitaine"),
        ("france", "F", "France"),
    ),
)
STATUS_MODELS = (
    "int_trajectoires",
    "int_trajectoire_segments",
    "int_statut_suivis",
    "int_statut_points",
    "int_statut_indicateurs",
    "int_statut_serie",
    "int_statut_juges",
    "int_statut_bruit",
    "int_statut_tendance",
    "int_statut_retard",
    "int_statut_sens",
    "int_statut_comparateur",
    "int_statut_etat",
    "fct_status",
)


# What the status models read of int_annee_equivalente (the delay on France, in years).
DATED = pa.schema(
    [(name, pa.string()) for name in ("indicateur", "niveau", "code", "periode", "lecture", "raison")]
    + [(name, pa.string()) for name in ("france_niveau", "france_code", "france_nom")]
    + [(name, pa.float64()) for name in ("france_valeur", "annee_equivalente", "serie_debut", "retard")]
    + [("niveau_compare", pa.float64()), ("euros", pa.int32())]
)


@dataclass(frozen=True)
class Built:
    """A finished build: the database, dbt's results by node name, and the folder of compiled models."""

    database: Path
    results: dict[str, str]
    compiled: Path

    @classmethod
    def of(cls, folder: Path) -> Built:
        """What `build` left in a folder."""
        results = json.loads((folder / "dbt" / "run_results.json").read_text(encoding="utf-8"))["results"]
        return cls(
            folder / DATABASE,
            {result["unique_id"]: result["status"] for result in results},
            folder / "dbt" / "compiled" / "observatoire" / "models",
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def schema(self, table: str) -> pa.Schema:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(f"select * from {table} limit 0").to_arrow_table().schema


def build(folder: Path, rows: dict[str, list[dict[str, Any]]], command: str = "build") -> None:
    """Land `rows` and run dbt (`build`: with its unit and data tests)."""
    indicators = read_indicators(PROJECT / "models" / "indicators")
    table = indicators_table(indicators, TERRITORY, rows["referentiel__catalogue"])
    variables = {
        "landed": write_landed(folder / "landed", rows),
        "inputs": write_inputs(
            folder / "inputs",
            indicators=table,
            territories=[("epci", TERRITORY.epci, TERRITORY.nom, "territoire")]
            + [
                (*place, "voisin" if place[1] in TERRITORY.voisins else "reference") for place in TERRITORY.references
            ],
            editions=[
                {
                    "edition": f"ed-{name}",
                    "jeu": name.replace("__", "/"),
                    "page": 1,
                    "simule": name == "atmo__indices",
                }
                for name in SCHEMAS
            ],
        ),
        "nuit": NUIT.isoformat(),
        "epci": TERRITORY.epci,
        "voisins": list(TERRITORY.voisins),
        "departement": TERRITORY.departement,
        "region": TERRITORY.region,
        "zone_emploi": TERRITORY.zone_emploi,
        "arrondissement": TERRITORY.arrondissement,
        "indicator_models": indicator_models(indicators),
    }
    Dbt(project=PROJECT, state=folder / "state", database=folder / DATABASE).run(command, variables)


def status_sql(compiled: Path) -> dict[str, str]:
    """SQL of every status model as dbt compiled it, in the order in which they stand on each other."""
    return {
        name: re.sub(r'"\w+"\."main"\."(\w+)"', r"\1", next(compiled.rglob(f"{name}.sql")).read_text("utf-8"))
        for name in STATUS_MODELS
    }


def status_schemas() -> dict[str, pa.Schema]:
    """Schemas of what the status models read; a table left out is empty."""
    return {
        "dim_indicator": TABLES["dim_indicator"],
        "fct_observation": TABLES["fct_observation"],
        "stg_referentiel__trajectoires": SCHEMAS["referentiel__trajectoires"],
        "stg_referentiel__etats": SCHEMAS["referentiel__etats"],
        "dim_rupture": TABLES["dim_rupture"],
        "fct_revision_mean": TABLES["fct_revision_mean"],
        "int_annee_equivalente": DATED,
        "int_series_nationales": pa.schema([("indicateur", pa.string()), ("page", pa.string())]),
    }


def run_status_models(built: Built, given: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """`fct_status` by indicator on the given rows (by table name; a table left out is empty)."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("set threads = 2")
        for name, schema in status_schemas().items():
            connection.register(
                "given", pa.Table.from_pylist([dict(row) for row in given.get(name, ())], schema=schema)
            )
            connection.execute(f"create table {name} as select * from given")
            connection.unregister("given")
        for name, sql in status_sql(built.compiled).items():
            connection.execute(f"create table {name} as {sql}")
        found = connection.execute("select * from fct_status").to_arrow_table().to_pylist()
    return {row["indicateur"]: row for row in found}
