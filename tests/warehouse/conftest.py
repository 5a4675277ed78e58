"""One dbt build of the demonstration figures for the whole room, and the compiled SQL of the status models."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.kit import Built, build, run_status_models
from tests.warehouse.landed import demonstration_rows


def air_rows() -> list[dict[str, Any]]:
    """A small simulated air series for two communes: its figures must come out as simulated."""
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=i) for i in range(365)]
    return [
        {"code_zone": code, "type_zone": "commune", "date_ech": day, "code_qual": 5 if day.day == 3 else 2}
        for code in ("59002", "59172")
        for day in days
    ]


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
        revisions: list[dict[str, Any]] = (),
        decisions: list[dict[str, Any]] = (),
    ) -> dict[str, dict[str, Any]]:
        return run_status_models(
            built,
            {
                "dim_indicator": indicators,
                "fct_observation": observations,
                "stg_referentiel__trajectoires": trajectories,
                "stg_referentiel__etats": decisions,
                "dim_rupture": breaks,
                "fct_revision_mean": revisions,
                "int_annee_equivalente": dated,
                "int_series_nationales": national,
            },
        )

    return run
