"""How a run is a Prefect flow: each step becomes a task, the night comes from the schedule, what happened is told.

Not here: the steps (flows/night.py) and which events exist (flows/happenings.py). Imported only by flow files and
when a server stands, because Prefect costs two seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.events import emit_event
from prefect.runtime import deployment, flow_run

from flows.core.words import Mode
from flows.happenings import Happening, happenings
from flows.night import Options, night
from flows.observatory import Observatory
from flows.record import said_before
from flows.settings import PARIS, Settings, load_settings
from flows.summary import artifact_pages

T = TypeVar("T")


class NightFailed(RuntimeError):
    """The run ended with exit code 1: makes the flow run red; `value` is its run record."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value
        super().__init__(value["summary"])


def as_task(name: str, work: Callable[[], T]) -> T:
    """Run a step as a Prefect task of that name, never cached and never retried: steps are idempotent already."""
    return task(name=name, persist_result=False)(work)()


def scheduled_night() -> dt.date | None:
    """The Europe/Paris date the schedule meant, or None for a run nobody scheduled.

    A cron run can start a fraction of a second early: the date never comes from the clock. A run caught up late keeps
    the night it was due.
    """
    due = flow_run.scheduled_start_time if flow_run.id else None
    return due.astimezone(PARIS).date() if due is not None else None


def night_of(settings: Settings, nuit: dt.date | None) -> dt.date | None:
    """The night of a run: the one asked for, else the schedule's; None lets the run read its clock.

    The demonstration lives on its own date, whatever the schedule meant.
    """
    return nuit or (settings.clock.nuit() if settings.mode is Mode.DEMONSTRATION else scheduled_night())


def named(word: str) -> Callable[[], str]:
    """What Prefect's interface calls a run: `nuit 2026-11-20`, or the dataset that is asked again and its night.

    A template (`nuit {nuit}`) would say « nuit None » of every scheduled run: its night is no parameter.
    """

    def name() -> str:
        told = flow_run.parameters
        settings = load_settings(mode=told.get("mode"), warehouse=told.get("warehouse"))
        night = told.get("nuit") or night_of(settings, None) or settings.clock.nuit()
        return f"{told.get('jeu') or word} {night}"

    return name


def tracked_night(
    kind: str,
    *,
    nuit: dt.date | None = None,
    wait: float = 0,
    mode: str | None = None,
    warehouse: str | None = None,
    only: Iterable[str] | None = None,
) -> dict[str, Any]:
    """Run a night whose steps are tasks, tell what happened as artifacts and events; returns the run record.

    A deployed night hands the messages of its release over to the `alerts` deployment, which its event starts; were
    the event lost, the next run sends them first.

    Raises:
        NightFailed: the night failed (exit code 1), so that the flow run is red; partial and rejected nights end
            in a completed flow run whose record says so.
    """
    settings = load_settings(mode=mode, warehouse=warehouse)
    options = Options(
        kind=kind,
        nuit=night_of(settings, nuit),
        full=kind == "yearly",
        wait=wait,
        only=None if only is None else frozenset(only),
        hand_over=deployment.id is not None,
    )
    observatory = Observatory(settings)
    value = night(observatory, options, step=as_task).value
    tell(observatory.paths.runs, value)
    if value["exit_code"] == 1:
        raise NightFailed(value)
    return value


def tell(runs: Path, value: dict[str, Any]) -> None:
    """Artifacts (French pages in Prefect's interface) and events of a run."""
    for key, title, page in artifact_pages(value):
        create_markdown_artifact(page, key=f"observatoire-{key}", description=title)
    for happening in happenings(value, said_before(runs, value)):
        announce(happening)


def announce(happening: Happening) -> None:
    """Send one event to the server."""
    resource = {"prefect.resource.id": happening.resource_id, "prefect.resource.name": happening.resource}
    emit_event(happening.event, resource=resource, payload=dict(happening.payload))
