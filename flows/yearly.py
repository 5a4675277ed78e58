"""The yearly flow: a night that also asks again for every annual vintage already received.

Not here: the steps (flows/night.py). Without a server, `observatoire yearly` runs the same text directly.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from prefect import flow

from flows.tracked import named, tracked_night


@flow(
    name="yearly",
    description="Une année de l'observatoire : comme la nuit, en redemandant tous les millésimes annuels.",
    flow_run_name=named("nuit annuelle"),
    validate_parameters=True,
)
def yearly(
    nuit: dt.date | None = None, wait: float = 0, mode: str | None = None, warehouse: str | None = None
) -> dict[str, Any]:
    """Une année de l'observatoire : comme la nuit, en redemandant tous les millésimes annuels."""
    return tracked_night("yearly", nuit=nuit, wait=wait, mode=mode, warehouse=warehouse)
