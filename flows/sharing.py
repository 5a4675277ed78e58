"""What a night hands to a second process: pages of territories, verdicts of editions, the demonstration's portal.

Each function starts from plain values and leaves what it made where the night would have put it; without it
the night does the same work alone, to the same bytes. Not here: the process itself (`flows.beside`).
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flows.observatory import Observatory
from flows.settings import Settings


def territory_pages(settings: Settings, folder: Path, manifest: Mapping[str, Any], target: Path) -> Any:
    """Write the pages of communes and EPCI of a candidate under `target`; says what they are (`pages.Sheaf`)."""
    from flows.publishing.site import territory_site
    from flows.warehouse.reader import DuckRelease

    observatory = Observatory(settings)
    release = DuckRelease(folder, raw=observatory.raw.get, models=observatory.models, manifest=dict(manifest))
    base_url = manifest["inputs"]["settings"]["base_url"]
    return territory_site(release, target, observatory.paths.site, base_url=base_url, territory=settings.town_words)


def backwards(settings: Settings, nuit: dt.date) -> None:
    """Judge the editions of a night from the last dataset to the first, for the memo that the night reads."""
    from flows.gathering import judge_backwards

    judge_backwards(Observatory(settings), nuit)


def portal(demonstration: Path, today: dt.date) -> Iterator[str]:
    """Serve the demonstration's portal: its address, then nothing more until this process is ended."""
    from flows.portal import Portal

    with Portal(demonstration, today) as started:
        yield started.url
        threading.Event().wait()
