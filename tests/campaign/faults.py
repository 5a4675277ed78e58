"""Break each source in each way that the portal knows, and look at what the night says and keeps (rules 1 and 3).

The addresses to break are read from a night that went well, so that a new source is broken here without a line.
`python -m tests.campaign.faults <reference> <folder>` runs the cases that it reads as JSON on its standard input.
"""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flows.fetching import land_everything
from flows.gathering import Inputs, gather_inputs
from flows.landing.land import DatasetOutcome
from flows.observatory import Observatory
from flows.portal import Kind, Portal
from flows.record import RunRecord
from tests.campaign.frozen import environment
from tests.nights import ROOT, observatory

FIRST, SECOND = dt.date(2026, 11, 20), dt.date(2026, 11, 21)
DEADLINE = 8  # seconds: short, yet not so short that a busy machine breaks the sources that are well
HASTE = {"deadline_seconds": DEADLINE, "file_deadline_seconds": DEADLINE, "tries": 2}
PATIENCE = 300  # seconds for one case on a busy machine

# What must stop an edition whatever the source; the other kinds may be harmless to some (latency within the deadline,
# a changed figure that is plausible), and then the figures are looked at.
MUST_FAIL = {
    Kind.DRIP: {"seconds": 30.0},
    Kind.RATE_LIMIT: {},
    Kind.SERVER_ERROR: {"status": 500},
    Kind.EMPTY: {},
    Kind.TRUNCATED: {"mode": "length"},
    Kind.HTML: {},
    Kind.REDIRECT_LOOP: {},
    Kind.WITHDRAWN: {"status": 410},
    Kind.WRONG_SCHEMA: {},
}
MAY_PASS = {
    Kind.LATENCY: {"seconds": 0.1},
    Kind.WRONG_ENCODING: {},
    Kind.CHANGED: {"factor": 1.01},
    Kind.DUPLICATES: {},
    Kind.MISSING_COMMUNES: {},
    Kind.COUNT_MISMATCH: {},
}


@dataclass(frozen=True)
class Case:
    """One source broken in one way."""

    dataset: str
    host: str
    path: str
    kind: Kind

    @property
    def name(self) -> str:
        return f"{self.dataset.replace('/', '-')}-{self.kind}"


def cases(reference: Observatory) -> list[Case]:
    """Every source of a night that went well × every kind of fault, in a fixed order."""
    current = reference.releases.current_id()
    assert current is not None
    names = {
        r["jeu"] for r in reference.release(current).table("dim_edition").to_pylist() if r["transport"] == "portail"
    }
    found = {name: address_of(reference, name) for name in names}
    kinds = sorted({**MUST_FAIL, **MAY_PASS})
    return [Case(jeu, host, path, kind) for jeu, (host, path) in sorted(found.items()) for kind in kinds]


def address_of(reference: Observatory, jeu: str) -> tuple[str, str]:
    """Official host and path of the first page of a dataset, as the reference night received it."""
    current = reference.releases.current_id()
    assert current is not None
    for row in reference.release(current).table("dim_edition").to_pylist():
        if row["jeu"] == jeu:
            parts = urlsplit(row["adresse"])
            return parts.netloc, parts.path
    raise LookupError(f"{jeu} was not received")


def sample(everything: list[Case]) -> list[Case]:
    """One source a publisher's host, each broken in another way, every kind that must fail at least once."""
    kinds = sorted(MUST_FAIL)
    by_host: dict[str, list[str]] = {}
    for case in everything:
        names = by_host.setdefault(case.host, [])
        if case.dataset not in names:
            names.append(case.dataset)
    # Hosts that speak a protocol of their own come with the most datasets: the first ones meet every kind.
    hosts = sorted(by_host, key=lambda host: (-len(by_host[host]), host))[: len(kinds)]
    wanted = {(by_host[host][i % len(by_host[host])], kinds[i % len(kinds)]) for i, host in enumerate(hosts)}
    return [case for case in everything if (case.dataset, case.kind) in wanted]


def broken_night(
    reference: Path, folder: Path, case: Case | None, root: Path = ROOT
) -> tuple[Inputs, dict[str, DatasetOutcome], RunRecord]:
    """The night after the reference one, with one source broken or none: reception and gate 1 only."""
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(reference, folder, symlinks=True, ignore=shutil.ignore_patterns("site"))  # nothing is read there
    with Portal(observatory(folder, root=root).paths.demonstration, SECOND) as portal:
        if case is not None:
            options = MUST_FAIL.get(case.kind, MAY_PASS.get(case.kind, {}))
            portal.faults.add(case.host, case.path, case.kind, **options)
        built = observatory(
            folder, root=root, portal=portal.url, deadline_seconds=DEADLINE, file_deadline_seconds=DEADLINE, tries=2
        )
        record = RunRecord.start(
            built.paths.runs, kind="nightly", mode="demonstration", nuit=SECOND, now=built.clock.now()
        )
        outcomes = land_everything(built, SECOND, full=True, progress=lambda *_: None)
        inputs = gather_inputs(built, SECOND, outcomes, record, progress=lambda *_: None)
    return inputs, outcomes, record


def judge(
    case: Case,
    reference: Observatory,
    inputs: Inputs,
    outcomes: dict[str, DatasetOutcome],
    healthy: frozenset[tuple[str, str, str]],
) -> str:
    """What the night made of the fault, in one word; AssertionError when it made something wrong of it.

    `healthy`: (dataset, partition, fingerprint) of what the same night accepts when nothing is broken.

    Raises:
        AssertionError: another source suffered, an accepted edition was lost, or the error does not help.
    """
    states = inputs.chosen.states
    touched = {case.dataset} | same_address(reference, case.host, case.path)
    for name, outcome in outcomes.items():
        if name not in touched:
            assert outcome.state in ("nouvelle", "inchangee", "non_demandee"), f"{name} suffered: {outcome.state}"
    selected = next(s for s in inputs.chosen.selected if s.dataset.id == case.dataset)
    assert selected.accepted, "the last accepted edition is gone"
    state = states[case.dataset]
    if state.etat in ("perime", "retire"):
        assert state.perime_depuis == SECOND
        error = outcomes[case.dataset].first_error
        if error is not None:
            assert case.host in error.where or case.dataset in error.where, f"the error does not say where: {error}"
            assert error.todo, f"the error does not say what to do: {error}"
        else:
            assert selected.quarantined, "stale without an error or a quarantined edition"
        return "refusée"
    assert case.kind not in MUST_FAIL, f"{case.name}: the fault passed ({state.etat})"
    newest = {e.partition: e for e in selected.accepted}
    before = {e["edition"] for e in _manifest(reference)["editions"]}
    changed = [e for e in newest.values() if e.id not in before]
    if case.kind in (Kind.CHANGED, Kind.MISSING_COMMUNES, Kind.DUPLICATES):
        return "acceptée, nouvelles figures" if changed else "sans effet"
    # A source that moves every night brings its new day; what a harmless fault must not bring is other figures.
    moved = [e for e in changed if (case.dataset, e.partition, e.fingerprint) not in healthy]
    assert not moved, f"{case.name}: figures moved without a word"
    return "sans effet"


def fingerprints(inputs: Inputs) -> frozenset[tuple[str, str, str]]:
    """What a night accepted: dataset, partition, fingerprint of the figures."""
    return frozenset((e.dataset, e.partition, e.fingerprint) for e in inputs.chosen.editions())


def _manifest(reference: Observatory) -> dict:
    current = reference.releases.current_id()
    assert current is not None
    return reference.releases.manifest(current)["inputs"]


def same_address(reference: Observatory, host: str, path: str) -> set[str]:
    """Datasets that have a page under a host and path: they break together, rightly."""
    current = reference.releases.current_id()
    assert current is not None
    rows = reference.release(current).table("dim_edition").to_pylist()
    return {
        row["jeu"]
        for row in rows
        if urlsplit(row["adresse"]).netloc == host and urlsplit(row["adresse"]).path.startswith(path)
    }


def iterate(reference: Path, folder: Path, wanted: list[Case], root: Path = ROOT) -> Iterator[tuple[Case, str]]:
    """Run cases one after the other; yields each with its outcome.

    Each case has a process of its own, as a night has: what a broken exchange leaves behind (threads of the portal
    that still drip) dies with it. Raises: as `judge`.
    """
    import great_expectations  # noqa: F401  (imported once, before the forks)

    for case in wanted:
        healthy = _healthy(reference, root) if case.kind in MAY_PASS else frozenset()
        yield case, _child(reference, folder / "cas", case, root, healthy)


@cache
def _healthy(reference: Path, root: Path) -> frozenset[tuple[str, str, str]]:
    """Fingerprints of what the night after the reference one accepts when nothing is broken; run once a process."""
    with tempfile.TemporaryDirectory(dir=reference.parent) as folder:
        return _child(reference, Path(folder) / "sain", None, root, frozenset())


def _child(reference: Path, folder: Path, case: Case | None, root: Path, healthy: frozenset) -> Any:
    """The outcome of a case, or the fingerprints of a healthy night, from a process of its own."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_one, args=(reference, folder, case, root, healthy, theirs))
    child.start()
    theirs.close()
    name = case.name if case else "healthy night"
    try:
        assert ours.poll(PATIENCE), f"{name}: nothing after {PATIENCE} s"
        outcome, problem = ours.recv()
    except EOFError:
        outcome, problem = "", f"{name}: the process died"
    finally:
        child.kill()
        child.join()
    assert not problem, problem
    return outcome


def _one(
    reference: Path, folder: Path, case: Case | None, root: Path, healthy: frozenset, answer: Connection
) -> None:
    name = case.name if case else "healthy night"
    try:
        good = observatory(reference, root=root)
        inputs, outcomes, _ = broken_night(reference, folder, case, root)
        told = judge(case, good, inputs, outcomes, healthy) if case else fingerprints(inputs)
        answer.send((told, ""))
    except Exception as error:
        answer.send(("", f"{name}: {type(error).__name__}: {error}"))


def run(root: Path, reference: Path, folder: Path, wanted: list[Case]) -> dict[str, str]:
    """`iterate` by the code of `root`, in a process that imports nothing else; the outcome of each case by its name.

    Raises:
        AssertionError: as `judge`.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.campaign.faults", str(reference), str(folder)],
        cwd=root,
        env=environment(root),
        input=json.dumps([asdict(case) for case in wanted]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """See the module's docstring."""
    reference, folder = Path(sys.argv[1]), Path(sys.argv[2])
    wanted = [Case(**{**case, "kind": Kind(case["kind"])}) for case in json.load(sys.stdin)]
    print(json.dumps({case.name: outcome for case, outcome in iterate(reference, folder, wanted)}))


if __name__ == "__main__":
    main()
