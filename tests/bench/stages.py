"""One stage of a night in one process: `python -m tests.bench.stages <stage> <root> <folder>`.

The result goes to `<folder>/<stage>.json`. Each stage has its own process so that its peak memory is its own; what a
stage hands to the next one goes through the warehouse, or through a pickle where the night keeps it in memory. Time
and memory of Python's start and of this module's imports are left out of the times, not out of the memory.
"""

from __future__ import annotations

import io
import json
import pickle
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from flows import candidate
from flows.core.datasets import Dataset
from flows.fetching import land_everything
from flows.gathering import Inputs, gather_inputs
from flows.landing.land import NEW, DatasetOutcome, PartitionOutcome
from flows.mailing import alert
from flows.record import RunRecord
from tests.bench.synthetic import one_source_changed, write_editions
from tests.bench.wired import SyntheticObservatory, synthetic

Told = dict[str, Any]


class Parts:
    """Seconds of named parts inside a stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time added under `name`."""

        def run(*arguments: Any, **named: Any) -> Any:
            begun = time.monotonic()
            try:
                return work(*arguments, **named)
            finally:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - begun

        return run


def land(observatory: SyntheticObservatory, folder: Path, record: RunRecord) -> Told:
    nuit = observatory.clock.nuit()
    outcomes = land_everything(observatory, nuit, full=True, progress=_silent)
    failed = {name: str(o.first_error) for name, o in outcomes.items() if o.first_error}
    if failed:
        raise RuntimeError(f"synthetic editions were not landed: {failed}")
    editions = list(observatory.log.all())
    return {
        "editions": len(editions),
        "rows": sum(edition.rows for edition in editions),
        "bytes": sum(edition.bytes for edition in editions),
    }


def gate(observatory: SyntheticObservatory, folder: Path, record: RunRecord) -> Told:
    outcomes = {
        name: DatasetOutcome(name, [PartitionOutcome(e.partition, NEW, edition=e) for e in observatory.log.of(name)])
        for name in observatory.datasets
    }
    inputs = gather_inputs(observatory, observatory.clock.nuit(), outcomes, record, progress=_silent)
    stopped = [f"{s.dataset.id} {e.partition}" for s in inputs.chosen.selected for e in s.quarantined]
    if stopped:
        raise RuntimeError(f"synthetic editions were refused by gate 1: {stopped[:5]}")
    (folder / "inputs.pickle").write_bytes(_pickled(inputs))
    return {"checks": len(inputs.checks)}


def build(observatory: SyntheticObservatory, folder: Path, record: RunRecord) -> Told:
    inputs = _unpickled((folder / "inputs.pickle").read_bytes(), observatory.datasets)
    parts = Parts()
    for name, attribute in (("dbt", "_run_dbt"), ("gate 2", "_gate_two"), ("site", "_write_site")):
        setattr(candidate, attribute, parts.timed(name, getattr(candidate, attribute)))
    release_id = candidate.build_release(observatory, inputs, record, progress=_silent)
    if release_id is None:
        raise RuntimeError(f"gate 2 refused the synthetic candidate: {record.value['release']['reason']}")
    release = observatory.releases.folder(release_id)
    (folder / "release.txt").write_text(release_id, encoding="utf-8")
    built = observatory.release(release_id)
    return {
        "parts": parts.seconds,
        "territories": built.table("dim_territory").num_rows,
        "observations": built.table("fct_observation").num_rows,
        "pages": sum(1 for _ in (release / "site").rglob("*.html")),
        "files": sum(1 for path in (release / "site").rglob("*") if path.is_file()),
        "database_bytes": (release / "observatoire.duckdb").stat().st_size,
        "site_bytes": sum(path.stat().st_size for path in (release / "site").rglob("*") if path.is_file()),
    }


def publish(observatory: SyntheticObservatory, folder: Path, record: RunRecord) -> Told:
    observatory.releases.publish((folder / "release.txt").read_text(encoding="utf-8"))
    return {}


def alert_stage(observatory: SyntheticObservatory, folder: Path, record: RunRecord) -> Told:
    alert(observatory, record, observatory.clock.nuit())
    mail = record.value["mail"]
    if not mail["composed"]:
        raise RuntimeError("the first release composed no message")
    return {"messages": mail["composed"]}


def land_again(observatory: SyntheticObservatory, folder: Path, record: RunRecord) -> Told:
    one_source_changed(folder / "editions")
    return land(observatory, folder, record)


WORK: dict[str, Callable[[SyntheticObservatory, Path, RunRecord], Told]] = {
    "land": land,
    "gate": gate,
    "build": build,
    "publish": publish,
    "alert": alert_stage,
    "land_again": land_again,
    "gate_again": gate,
    "build_again": build,
}


def measured(stage: str, root: Path, folder: Path) -> Told:
    """Run one stage and measure it: seconds of wall and processor (children included), MiB of memory.

    `memory_own` and `memory_child` are the peaks of this process and of the largest child (dbt).
    """
    observatory = synthetic(root, folder)
    observatory.check_mode()
    record = RunRecord.start(
        observatory.paths.runs,
        kind="nightly",
        mode=str(observatory.settings.mode),
        nuit=observatory.clock.nuit(),
        now=observatory.clock.now(),
    )
    wall, processor = time.monotonic(), _processor()
    told = WORK[stage](observatory, folder, record)
    wall, processor = time.monotonic() - wall, _processor() - processor
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return told | {"wall": wall, "processor": processor, "memory_own": own, "memory_child": child}


def demonstration(base: Path, work: Path) -> Told:
    """Land the demonstration once through the portal, and keep its decoded tables by dataset and partition."""
    from tests.nights import observatory as real_observatory

    observatory = real_observatory(work)
    outcomes = land_everything(observatory, observatory.clock.nuit(), full=True, progress=_silent)
    failed = {name: str(o.first_error) for name, o in outcomes.items() if o.first_error}
    if failed:
        raise RuntimeError(f"the demonstration was not landed: {failed}")
    for name, dataset in observatory.datasets.items():
        if dataset.steward:
            continue
        (base / dataset.table_name).mkdir(parents=True)
        for edition in observatory.log.of(name):
            decoded = observatory.cache.get(dataset, edition)
            pq.write_table(decoded.table, base / dataset.table_name / f"{edition.partition}.parquet")
    shutil.rmtree(work)
    return {}


def _pickled(inputs: Inputs) -> bytes:
    """Datasets hold functions: they are named, not copied."""

    class Pickler(pickle.Pickler):
        def persistent_id(self, value: Any) -> str | None:
            return value.id if isinstance(value, Dataset) else None

    buffer = io.BytesIO()
    Pickler(buffer).dump(inputs)
    return buffer.getvalue()


def _unpickled(body: bytes, datasets: dict[str, Dataset]) -> Inputs:
    class Unpickler(pickle.Unpickler):
        def persistent_load(self, name: Any) -> Dataset:
            return datasets[name]

    return Unpickler(io.BytesIO(body)).load()


def _processor() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""


def main(arguments: list[str]) -> None:
    """`demonstration BASE WORK`, `editions BASE TARGET TERRITORIES AIR_YEARS`, or `STAGE ROOT FOLDER`."""
    stage, first, second, *rest = arguments
    if stage == "demonstration":
        told, out = demonstration(Path(first), Path(second)), Path(first) / "demonstration.json"
    elif stage == "editions":
        rows = write_editions(Path(first), Path(second), territories=int(rest[0]), air_years=int(rest[1]))
        told, out = {"rows": rows}, Path(second).parent / "editions.json"
    else:
        told, out = measured(stage, Path(first), Path(second)), Path(second) / f"{stage}.json"
    out.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
