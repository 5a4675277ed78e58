"""The nightly flow: one night of the observatory as a tracked Prefect flow.

Not here: the steps (flows/night.py). Without a server, `observatoire nightly` runs the same text directly.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from prefect import flow

from flows.tracked import tracked_night


@flow(
    name="nightly",
    description="Une nuit de l'observatoire : recevoir, contrôler, construire, publier, alerter.",
    flow_run_name="nightly {nuit}",
    validate_parameters=True,
)
def nightly(
    nuit: dt.date | None = None, wait: float = 0, mode: str | None = None, warehouse: str | None = None
) -> dict[str, Any]:
    """Une nuit de l'observatoire : recevoir, contrôler, construire, publier, alerter."""
    return tracked_night("nightly", nuit=nuit, wait=wait, mode=mode, warehouse=warehouse)
