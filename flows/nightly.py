"""The nightly flow: one night of the observatory as a tracked Prefect flow.

Not here: the steps (flows/night.py). Without a server, `observatoire nightly` runs the same text directly.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from prefect import flow

from flows.tracked import named, tracked_night


@flow(
    name="nightly",
    description="Une nuit de l'observatoire : recevoir, contrôler, construire, publier, alerter.",
    flow_run_name=named("nuit"),
    validate_parameters=True,
)
def nightly(
    nuit: dt.date | None = None,
    wait: float = 0,
    mode: str | None = None,
    warehouse: str | None = None,
    jeu: str | None = None,
) -> dict[str, Any]:
    """Une nuit de l'observatoire ; avec `jeu`, seul ce jeu de données est redemandé (un producteur l'a changé)."""
    kind, only = ("source", [jeu]) if jeu else ("nightly", None)
    return tracked_night(kind, nuit=nuit, wait=wait, mode=mode, warehouse=warehouse, only=only)
