"""Step « recevoir » of a night: stewards' tables, then geography, every other source side by side, then deposits.

Not here: how one dataset is landed (flows.landing.land) and what a source asks for (flows.sources). A failing source
never stops the others.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flows.core.datasets import Dataset, FetchContext
from flows.core.errors import ConfigurationError, ObservatoireError, StorageFull
from flows.depositing import take_in
from flows.landing.land import FAILED, DatasetOutcome, Landing, PartitionOutcome
from flows.observatory import Observatory

WORKERS = 4


def land_everything(
    observatory: Observatory,
    nuit: dt.date,
    *,
    full: bool,
    only: frozenset[str] | None = None,
    progress: Callable[[str, int, int], None],
) -> dict[str, DatasetOutcome]:
    """Land every dataset of the registry; returns the outcome of each, in registry order.

    Providers run side by side; the datasets of one provider one after the other, because its pace is shared.
    With `only`, the other outside datasets are left as they are; before a first release everything is asked, because
    there would be nothing to build from.
    """
    accepted = _accepted(observatory)
    if not accepted:
        only = None
    trusted = frozenset(entry["edition"] for entry in accepted)
    landing = Landing(
        trusted=trusted,
        log=observatory.log,
        cache=observatory.cache,
        nuit=nuit,
        now=observatory.clock.now(),
        transport=observatory.transport,
    )
    datasets = observatory.datasets
    outcomes: dict[str, DatasetOutcome] = {}
    lock = threading.Lock()

    def note(outcome: DatasetOutcome) -> None:
        with lock:
            outcomes[outcome.dataset] = outcome
            progress("recevoir", len(outcomes), len(datasets))

    for dataset in datasets.values():
        if dataset.steward:
            note(_land_steward(observatory, landing, dataset))
    known: dict[str, set[str]] = {}
    for entry in accepted:
        known.setdefault(entry["jeu"], set()).add(entry["partition"])
    stored = observatory.stored_pages(trusted)
    with observatory.network(nuit) as portal:
        client = observatory.client(portal, stored)

        def land(items: Iterable[Dataset]) -> None:
            for dataset in items:
                reason = observatory.reason_off(dataset)
                if reason or (only is not None and dataset.id not in only):
                    note(DatasetOutcome(dataset.id, off=reason, left=not reason))
                    continue
                context = FetchContext(
                    http=client,
                    territory=observatory.settings.territory,
                    nuit=nuit,
                    communes=observatory.communes(),
                    credentials=observatory.settings.credentials,
                    known=frozenset(known.get(dataset.id, ())),
                )
                note(landing.dataset(dataset, context, full=full))

        by_provider: dict[str, list[Dataset]] = {}
        for dataset in datasets.values():
            if not dataset.steward and not dataset.deposited:
                by_provider.setdefault(dataset.provider, []).append(dataset)
        land(by_provider.pop("geo", []))  # the communes it gives bound what the others ask for
        with ThreadPoolExecutor(WORKERS) as pool:
            for _ in pool.map(land, by_provider.values()):
                pass
    for outcome in take_in(observatory, landing):  # last: a deposit is held to the communes just received
        note(outcome)
    return {name: outcomes[name] for name in datasets}


def refuse_unknown(observatory: Observatory, only: frozenset[str]) -> None:
    """Refuse to ask for what no source gives.

    Raises:
        ConfigurationError: naming the unknown datasets.
    """
    outside = {dataset.id for dataset in observatory.datasets.values() if not dataset.steward}
    if unknown := sorted(only - outside):
        raise ConfigurationError(
            f"Aucune source ne porte ce nom : {', '.join(unknown)}.",
            where="jeux de données demandés",
            todo="reprendre un nom de la page Sources (docs/sources.md), comme insee/filosofi.",
        )


def _land_steward(observatory: Observatory, landing: Landing, dataset: Dataset) -> DatasetOutcome:
    outcome = DatasetOutcome(dataset.id)
    try:
        page = observatory.steward_page(dataset)
        outcome.partitions.append(landing.pages(dataset, "courant", [page]))
    except StorageFull:
        raise
    except ObservatoireError as error:
        outcome.partitions.append(PartitionOutcome("courant", FAILED, error=error))
    return outcome


def _accepted(observatory: Observatory) -> list[dict[str, Any]]:
    """Editions that the published release reads: only they may spare a request (closed, unmoved, not modified)."""
    current = observatory.releases.current_id()
    return observatory.releases.manifest(current)["inputs"]["editions"] if current else []
