"""How a night runs as a Prefect flow: each step becomes one task, and the night comes from the schedule.

Not here: the steps. Imported only by flow files, because Prefect costs two seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from prefect import task
from prefect.runtime import flow_run

from flows.night import Options, night
from flows.observatory import Observatory
from flows.settings import PARIS, load_settings

T = TypeVar("T")


class NightFailed(RuntimeError):
    """The night ended with exit code 1: makes the flow run red; `value` is its run record."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value
        super().__init__(value["summary"])


def as_task(name: str, work: Callable[[], T]) -> T:
    """Run a step as a Prefect task of that name, never cached and never retried: steps are idempotent already."""
    return task(name=name, persist_result=False)(work)()


def scheduled_night() -> dt.date | None:
    """The Europe/Paris date the schedule meant, or None for a run nobody scheduled.

    A cron run can start a fraction of a second early: the date never comes from the clock.
    """
    due = flow_run.scheduled_start_time if flow_run.id else None
    return due.astimezone(PARIS).date() if due is not None else None


def tracked_night(
    kind: str, *, nuit: dt.date | None, wait: float, mode: str | None, warehouse: str | None
) -> dict[str, Any]:
    """Run a night whose steps are tasks; returns the run record as plain data.

    Raises:
        NightFailed: the night failed (exit code 1), so that the flow run is red; partial and rejected nights end
            in a completed flow run whose record says so.
    """
    settings = load_settings(mode=mode, warehouse=warehouse)
    demonstration = settings.mode == "demonstration"  # the demonstration lives on its own date
    options = Options(
        kind=kind,
        nuit=nuit or (None if demonstration else scheduled_night()),
        full=kind == "yearly",
        wait=wait,
    )
    value = night(Observatory(settings), options, step=as_task).value
    if value["exit_code"] == 1:
        raise NightFailed(value)
    return value
