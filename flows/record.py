"""The run record: what a run did, as plain data, written whatever happens (rule 10).

Not here: the stewards' report made from it (flows.quality.report, flows.publishing.report). `warehouse/runs/<id>/`
holds `run.json`, `rapport.html` and, when a step raised, the error with its three parts.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.core.errors import ObservatoireError
from flows.core.words import ExitCode
from flows.files import write_json

NIGHTS = ("nightly", "yearly")  # kinds of run that ask every source
LOOKED_BACK = 60


@dataclass
class RunRecord:
    """One run. `value` is what `run.json` holds; see docs/run-record.md for its keys."""

    folder: Path
    value: dict[str, Any] = field(default_factory=dict)
    exit_code: int = ExitCode.OK

    @classmethod
    def start(cls, runs: Path, *, kind: str, mode: str, nuit: dt.date, now: dt.datetime) -> RunRecord:
        """A new run folder, numbered within its night."""
        runs.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            folder = runs / f"{nuit.isoformat()}-{number:03d}"
            try:
                folder.mkdir()
                break
            except FileExistsError:
                number += 1
        previous = sorted(p.name for p in runs.iterdir() if p.is_dir() and p.name < folder.name)
        value: dict[str, Any] = {
            "id": folder.name,
            "kind": kind,
            "mode": mode,
            "nuit": nuit.isoformat(),
            "started_at": now.isoformat(),
            "ended_at": None,
            "exit_code": None,
            "summary": "",
            "previous": previous[-1] if previous else None,
            "release": {"id": None, "published": False, "reason": ""},
            "steps": [],
            "datasets": [],
            "deposits": [],
            "checks": [],
            "changes": [],
            "context": {},
            "errors": [],
            "mail": {"composed": 0, "sent": 0, "written": 0, "pending": 0, "fallbacks": [], "not_sent": []},
        }
        record = cls(folder, value)
        record.write()
        return record

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step; an error is recorded with its step, then raised."""
        entry = {"name": name, "seconds": None, "state": "en_cours"}
        self.value["steps"].append(entry)
        begun = time.monotonic()
        try:
            yield
            entry["state"] = "fait"
        except BaseException as error:
            entry["state"] = "echec"
            if isinstance(error, ObservatoireError):
                self.error(error, name)
            raise
        finally:
            entry["seconds"] = round(time.monotonic() - begun, 2)

    def error(self, error: ObservatoireError, step: str) -> None:
        """Keep an error with its three parts, once."""
        told = plain_error(error)
        if all(told["what"] != other["what"] or told["where"] != other["where"] for other in self.value["errors"]):
            self.value["errors"].append({"step": step, **told})

    def outcome(self, code: int) -> None:
        """Raise the exit code of the run by precedence 1 > 4 > 3 > 0."""
        order = [ExitCode.OK, ExitCode.PARTIAL, ExitCode.REJECTED, ExitCode.FAILURE]
        if order.index(code) > order.index(self.exit_code):
            self.exit_code = code

    def finish(self, summary: str, now: dt.datetime) -> None:
        self.value |= {"ended_at": now.isoformat(), "exit_code": self.exit_code, "summary": summary}
        self.write()

    def write(self) -> None:
        write_json(self.folder / "run.json", self.value)


def read_record(runs: Path, run: str | None) -> dict[str, Any] | None:
    """The record of an earlier run; None when there is none, or when it was killed while it was written."""
    try:
        return json.loads((runs / str(run) / "run.json").read_text(encoding="utf-8")) if run else None
    except (FileNotFoundError, ValueError):
        return None


def said_before(runs: Path, value: Mapping[str, Any]) -> dict[str, Any]:
    """What the runs before already said, as one record: what begins with a run is what this does not hold.

    A run that asked nothing (messages, deposits, one that failed at once) says nothing of a source: each dataset has
    its entry of the newest earlier record, with the state of the newest one that asked it. Exit code, summary and
    release are those of the newest earlier run of the same kind. Looks back to the newest night, `LOOKED_BACK` runs
    at most; `{"datasets": []}` when there is none.
    """
    names = sorted(p.name for p in runs.iterdir() if p.is_dir() and p.name < value["id"])[-LOOKED_BACK:]
    same: dict[str, Any] = {}
    entries: dict[str, dict[str, Any]] = {}
    asked: set[str] = set()
    for name in reversed(names):
        record = read_record(runs, name)
        if record is None or record["exit_code"] is None:  # killed: nobody was told anything
            continue
        if not same and record["kind"] == value["kind"]:
            same = record
        for entry in record["datasets"]:
            known = entries.setdefault(entry["id"], dict(entry))
            if entry["id"] not in asked and entry["state"] != "non_demandee":
                asked.add(entry["id"])
                known["state"] = entry["state"]
        if record["datasets"] and record["kind"] in NIGHTS:
            break
    return {key: same[key] for key in ("exit_code", "summary", "release") if same} | {
        "datasets": [entries[name] for name in sorted(entries)]
    }


def plain_error(error: BaseException) -> dict[str, str]:
    """An error as the three texts a person needs."""
    if isinstance(error, ObservatoireError):
        return {"type": type(error).__name__, "what": error.what, "where": error.where, "todo": error.todo}
    return {"type": type(error).__name__, "what": str(error)[:500], "where": "", "todo": ""}


def place_of(error: BaseException) -> str:
    """File and line where a defect showed itself, without any value; "" when it was never raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rsplit('/', 1)[-1]}, ligne {trace.tb_lineno}"
