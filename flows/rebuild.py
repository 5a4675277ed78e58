"""The rebuild flow: a past night rebuilt beside the warehouse and compared; nothing is fetched, published or mailed.

Not here: rebuilding (flows/rebuilding.py). Without a server: `observatoire rebuild`.
"""

from __future__ import annotations

import datetime as dt

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows.core.errors import ReleaseError
from flows.night import silent
from flows.observatory import Observatory
from flows.rebuilding import rebuild_as_of
from flows.settings import load_settings


@flow(
    name="rebuild",
    description="Reconstruire la version d'une nuit passée et la comparer à celle qui fut publiée.",
    flow_run_name="reconstruction {nuit}",
    validate_parameters=True,
)
def rebuild(nuit: dt.date, wait: float = 600, mode: str | None = None, warehouse: str | None = None) -> str:
    """Reconstruire la version de la nuit `nuit` ; une phrase dit ce qui est pareil et ce qui diffère.

    Raises:
        ReleaseError: it is not what was published, or cannot be rebuilt any more: the flow run is red.
    """
    observatory = Observatory(load_settings(mode=mode, warehouse=warehouse))
    observatory.check_mode()
    with observatory.locked(wait):
        result = rebuild_as_of(observatory, nuit, into=None, progress=silent)
    told = result.in_french()
    create_markdown_artifact(told, key="observatoire-reconstruction", description=f"Reconstruction du {nuit}")
    if not result.same:
        raise ReleaseError(told, where=str(observatory.paths.releases))
    return told
