"""The alerts flow: messages that published releases still owe are written and sent.

Not here: which change is told and how (flows/mailing.py, flows.alerts). Without a server, a night does it itself; and
every run, whatever its kind, begins with it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from prefect import flow

from flows.tracked import tracked_night


@flow(
    name="alerts",
    description="Écrire et envoyer ce que les versions publiées doivent encore dire à leurs destinataires.",
    flow_run_name="alertes {version}",
    validate_parameters=True,
)
def alerts(
    nuit: dt.date | None = None,
    wait: float = 600,
    mode: str | None = None,
    warehouse: str | None = None,
    version: str = "",
) -> dict[str, Any]:
    """Envoyer les messages dus ; `version` ne sert qu'à nommer l'exécution."""
    return tracked_night("alerts", nuit=nuit, wait=wait, mode=mode, warehouse=warehouse)
