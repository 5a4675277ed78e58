"""A Prometheus text file after each run: `warehouse/state/observatoire.prom`, for node_exporter's textfile collector.

Metrics are documented in docs/operations.md. Not here: what a run did in full (run record) and alarms on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flows.core.words import ExitCode
from flows.files import write_bytes
from flows.record import NIGHTS

FILE = "observatoire.prom"


def write_metrics(state: Path, value: Mapping[str, Any]) -> None:
    """Write the gauges of a finished run. The time of the last success is kept when this run was none.

    A run that only sends messages or takes deposits in is no night: it must not hide that the nights fail.
    """
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    made: dict[str, Gauge] = {}

    def gauge(name: str, told: str, number: float, **labels: str) -> None:
        if name not in made:
            made[name] = Gauge(f"observatoire_{name}", told, list(labels), registry=registry)
        (made[name].labels(**labels) if labels else made[name]).set(number)

    ended = dt.datetime.fromisoformat(value["ended_at"]).timestamp()
    gauge("run_end_timestamp_seconds", "End of the last run", ended, kind=value["kind"])
    gauge("run_exit_code", "Exit code of the last run", value["exit_code"], kind=value["kind"])
    good = value["kind"] in NIGHTS and value["exit_code"] in (ExitCode.OK, ExitCode.PARTIAL)
    success = ended if good else last_success(state)
    if success:
        gauge("last_success_timestamp_seconds", "End of the last night that published or had nothing to", success)
    for step in value["steps"]:
        if step["seconds"] is not None:
            gauge("step_seconds", "Duration of a step of the last run", step["seconds"], step=step["name"])
    broken = [d for d in value["datasets"] if d["state"] in ("en_echec", "quarantaine", "retiree")]
    gauge("sources_broken", "Sources not refreshed by the last run", len(broken))
    gauge("sources_late", "Sources whose next value is overdue", sum(bool(d.get("late")) for d in value["datasets"]))
    gauge("release_published", "1 when the last run published a release", int(value["release"]["published"]))
    gauge("mail_pending", "Messages that wait in the outbox", value["mail"]["pending"])
    write_bytes(state / FILE, generate_latest(registry))


def last_success(state: Path) -> float | None:
    """The time of the last success, as the file of the run before told it."""
    try:
        text = (state / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    for line in text.splitlines():
        if line.startswith("observatoire_last_success_timestamp_seconds "):
            return float(line.split()[1])
    return None
