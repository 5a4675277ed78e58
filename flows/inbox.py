"""The inbox flow: the services' deposits taken in at once, and published; no outside source is asked.

Not here: the steps (flows/night.py), the watch on the folder (flows/standing.py). Without a server, `observatoire
inbox` runs the same text directly, and every night takes the inbox in as well.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from prefect import flow

from flows.tracked import tracked_night


@flow(
    name="inbox",
    description="Recevoir les dépôts des services et publier ce qui en vient, sans interroger les producteurs.",
    flow_run_name="dépôts {fichiers}",
    validate_parameters=True,
)
def inbox(
    nuit: dt.date | None = None,
    wait: float = 600,
    mode: str | None = None,
    warehouse: str | None = None,
    fichiers: str = "",
) -> dict[str, Any]:
    """Recevoir les dépôts ; `fichiers` ne sert qu'à nommer l'exécution : tout ce qui attend est reçu."""
    return tracked_night("inbox", nuit=nuit, wait=wait, mode=mode, warehouse=warehouse, only=())
