"""One dbt build of the demonstration figures for the whole room, and the compiled SQL of the status models."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from flows.core.datasets import Territory
from flows.core.tables import TABLES
from flows.warehouse.catalogue import indicator_models, indicators_table, read_indicators
from flows.warehouse.dbt import Dbt
from flows.warehouse.reader import DATABASE
from tests.warehouse.landed import NUIT, ROOT, SCHEMAS, demonstration_rows, write_inputs, write_landed

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
    "int_statut_indicateurs",
    "int_statut_serie",
    "int_statut_juges",
    "int_statut_bruit",
    "int_statut_tendance",
    "int_statut_retard",
    "int_statut_comparateur",
    "int_statut_etat",
    "fct_status",
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


def air_rows() -> list[dict[str, Any]]:
    """A small simulated air series for two communes: its figures must come out as simulated."""
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=i) for i in range(365)]
    return [
        {"code_zone": code, "type_zone": "commune", "date_ech": day, "code_qual": 5 if day.day == 3 else 2}
        for code in ("59002", "59172")
        for day in days
    ]


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


@pytest.fixture(scope="session")
def built(once: Callable[[str, Callable[[Path], object]], Path]) -> Built:
    def make(folder: Path) -> None:
        rows = demonstration_rows()
        rows["atmo__indices"] = air_rows()
        build(folder, rows)

    return Built.of(once("entrepot-dbt", make))


@pytest.fixture(scope="session")
def run_status(built: Built) -> Callable[..., dict[str, dict[str, Any]]]:
    """Run the compiled status models, as dbt wrote them, on tables given by a test."""

    def run(
        indicators: list[dict[str, Any]],
        observations: list[dict[str, Any]],
        trajectories: list[dict[str, Any]],
        breaks: list[dict[str, Any]] = (),
        dated: list[dict[str, Any]] = (),
        national: list[dict[str, Any]] = (),
    ) -> dict[str, dict[str, Any]]:
        given = {
            "dim_indicator": pa.Table.from_pylist(indicators, schema=TABLES["dim_indicator"]),
            "fct_observation": pa.Table.from_pylist(observations, schema=TABLES["fct_observation"]),
            "stg_referentiel__trajectoires": pa.Table.from_pylist(
                trajectories, schema=SCHEMAS["referentiel__trajectoires"]
            ),
            "dim_rupture": pa.Table.from_pylist(list(breaks), schema=TABLES["dim_rupture"]),
            # No long national series unless a test gives one.
            **{
                name: pa.Table.from_pylist(list(rows), schema=built.schema(name))
                for name, rows in (("int_annee_equivalente", dated), ("int_series_nationales", national))
            },
        }
        with duckdb.connect(":memory:") as connection:
            connection.execute("set threads = 2")
            for name, table in given.items():
                connection.register("given", table)
                connection.execute(f"create table {name} as select * from given")
                connection.unregister("given")
            for model in STATUS_MODELS:
                sql = next(built.compiled.rglob(f"{model}.sql")).read_text(encoding="utf-8")
                connection.execute(f"create table {model} as " + re.sub(r'"\w+"\."main"\."(\w+)"', r"\1", sql))
            found = connection.execute("select * from fct_status").to_arrow_table().to_pylist()
        return {row["indicateur"]: row for row in found}

    return run
