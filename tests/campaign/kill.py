"""Kill a night at random moments, again and again, and look at what a reader finds (rules 1, 6 and 7).

A trial starts from an empty warehouse, from one where everything was received and judged, or from one whose release
is complete but not published: states that a kill leaves behind, so that every part of a night is met as often as
wanted. It goes on in the warehouse that the kill before left, until something is published; then the next night must
give the bytes of an undisturbed one, and the next trial takes a fresh warehouse.
Not here: how a night is started (`preloaded`, `frozen`).
"""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flows.warehouse.releases import tree_digest

# What of the reference warehouse a trial starts with. `cache` is disposable and makes a trial cheaper.
STARTS: dict[str, tuple[str, ...]] = {
    "vide": (),
    "recu": ("mode", "raw", "editions", "cache"),
    "construit": ("mode", "raw", "editions", "cache", "releases"),
}
PATIENCE = 10.0  # seconds for the children of a killed night to go


class Process(Protocol):
    """A night that is running."""

    pid: int

    def wait(self) -> int: ...


@dataclass(frozen=True)
class Trial:
    """One kill: where the warehouse stood, when it came (s), whether something was published by then."""

    start: str
    moment: float
    published: bool


@dataclass(frozen=True)
class Due:
    """What an undisturbed night leaves: the manifest and the editions, byte for byte, and the messages."""

    manifest: bytes
    editions: tuple[str, int]
    messages: dict[str, bytes]


def due_of(reference: Path) -> Due:
    """What the reference warehouse holds after one undisturbed night."""
    return Due(
        (reference / "current" / "manifest.json").read_bytes(),
        tree_digest(reference / "editions"),
        messages(reference),
    )


class Reader(threading.Thread):
    """Reads the published site all the time; `problems` holds what a visitor would have complained about."""

    def __init__(self, warehouse: Path) -> None:
        super().__init__(daemon=True)
        self.current = warehouse / "current"
        self.problems: list[str] = []
        self.reads = 0
        self.stop = threading.Event()
        self._published = False

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                release = Path(os.path.realpath(self.current))  # a visitor's page comes from one release
                if release.is_dir():
                    self._read(release)
                elif self._published:
                    self.problems.append("the site disappeared")
            except Exception as error:
                self.problems.append(f"{type(error).__name__}: {error}")
            time.sleep(0.02)

    def _read(self, release: Path) -> None:
        self._published = True
        self.reads += 1
        for name in ("index.html", "qualite/index.html"):
            if not (release / "site" / name).read_text(encoding="utf-8").rstrip().endswith("</html>"):
                self.problems.append(f"half a page: {name}")
        if "outputs" not in json.loads((release / "manifest.json").read_text(encoding="utf-8")):
            self.problems.append("a manifest without outputs")


def kill_trials(
    folder: Path,
    reference: Path,
    night: Callable[[Path], Process],
    *,
    start: str,
    phases: Sequence[tuple[int, float, float]],
    seed: str,
) -> Iterator[Trial]:
    """Kill nights in warehouses under `folder`, phase after phase; yields each trial.

    Args:
        reference: a warehouse after one undisturbed night. night: starts a night on a warehouse.
        phases: each (number of kills, earliest and latest second). A night that ends before its kill is not a trial,
            is checked all the same, and shortens the moments drawn after it.

    Raises:
        AssertionError: a reader met an incomplete release, a night failed, a child outlived its killed parent, or a
            night that got through gave other bytes than an undisturbed one.
    """
    due = due_of(reference)
    draw = random.Random(seed)
    number = 0
    warehouse = prepared(reference, folder / f"{start}-000", start)
    for kills, earliest, latest in phases:
        strata = list(range(kills))
        draw.shuffle(strata)
        done = 0
        while done < kills:
            moment = earliest + (latest - earliest) * (strata[done] + draw.random()) / kills
            began = time.monotonic()
            killed = _kill(warehouse, night, moment)
            published = look(warehouse)
            if killed:
                yield Trial(start, round(moment, 2), published)
                done += 1
            else:
                assert published, "a night ended well and published nothing"
                latest = max(earliest, min(latest, time.monotonic() - began))
            if published:  # what the kill left unfinished (mail, report) is finished by the next run
                finish(warehouse, night, due)
                shutil.rmtree(warehouse)
                number += 1
                warehouse = prepared(reference, folder / f"{start}-{number:03d}", start)
    finish(warehouse, night, due)
    shutil.rmtree(warehouse)


def prepared(reference: Path, warehouse: Path, start: str) -> Path:
    """A warehouse in the state that `start` names (STARTS)."""
    warehouse.mkdir(parents=True)
    for name in STARTS[start]:
        source = reference / name
        if source.is_dir():
            shutil.copytree(source, warehouse / name, symlinks=True)
        else:
            shutil.copy(source, warehouse / name)
    return warehouse


def _kill(warehouse: Path, night: Callable[[Path], Process], moment: float) -> bool:
    """Start a night and kill it `moment` seconds later; False when it had ended by then."""
    reader = Reader(warehouse)
    reader.start()
    process = night(warehouse)
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        handle = None  # ended already
    killed = False
    if handle is not None:
        ended, _, _ = select.select([handle], [], [], moment)
        if not ended:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            killed = True
        os.close(handle)
    code = process.wait()
    reader.stop.set()
    reader.join()
    assert not reader.problems, reader.problems[:3]
    if code != -signal.SIGKILL:
        assert code == 0, f"the night ended with {code}"
        killed = False
    leftover = _wait_for_children(warehouse)
    assert not leftover, f"children of a killed night still work in its warehouse: {leftover}"
    return killed


def _wait_for_children(warehouse: Path) -> list[int]:
    """Processes that work on a candidate of this warehouse (dbt), after they had time to notice."""
    until = time.monotonic() + PATIENCE
    while (found := _children_of(warehouse)) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def _children_of(warehouse: Path) -> list[int]:
    mark = f"OBSERVATOIRE_DUCKDB={warehouse}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in entry.read_bytes():
                found.append(int(entry.parent.name))
        except OSError:
            continue  # gone meanwhile, or somebody else's
    return found


def look(warehouse: Path) -> bool:
    """Is something published, and is it whole? Every byte of the site is compared with its manifest."""
    current = warehouse / "current"
    if not current.is_symlink():
        return False
    manifest = json.loads((current / "manifest.json").read_text(encoding="utf-8"))
    assert tree_digest(current / "site") == (manifest["outputs"]["site"], manifest["outputs"]["site_files"])
    assert tree_digest(current / "etat")[0] == manifest["outputs"]["etat"]
    return True


def finish(warehouse: Path, night: Callable[[Path], Process], due: Due) -> None:
    """Run the next night undisturbed: the same release, the same editions, the same messages, nothing twice."""
    code = night(warehouse).wait()
    assert code == 0, f"the night after the kill ended with {code}: {_last_errors(warehouse)}"
    assert look(warehouse)
    assert (warehouse / "current" / "manifest.json").read_bytes() == due.manifest, "other bytes than undisturbed"
    assert tree_digest(warehouse / "editions") == due.editions, "other editions than undisturbed"
    assert messages(warehouse) == due.messages, "other messages than undisturbed"
    assert not list((warehouse / "candidates").glob(".en-cours-*")), "an unfinished candidate was left"


def _last_errors(warehouse: Path) -> list[str]:
    record = json.loads(sorted(warehouse.glob("runs/*/run.json"))[-1].read_text(encoding="utf-8"))
    return [f"{error['step']} : {error['what']} ({error['where']})" for error in record["errors"]]


def messages(warehouse: Path) -> dict[str, bytes]:
    """The messages written as files, by name."""
    return {p.name: p.read_bytes() for p in sorted((warehouse / "state" / "outbox").glob("*.eml"))}


def seconds_of(reference: Path) -> dict[str, float]:
    """Seconds of each step of the reference night, by name."""
    record = json.loads(sorted(reference.glob("runs/*/run.json"))[0].read_text(encoding="utf-8"))
    return {step["name"]: step["seconds"] for step in record["steps"]}
