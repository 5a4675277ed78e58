"""What the observatory asks of a Prefect server, without one: missed runs, deposits told once, a silent server."""

from __future__ import annotations

import datetime as dt
import inspect
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

import flows.standing as standing
from flows import cli_runs
from flows.happenings import Happening
from flows.prefect_api import PrefectApi, ServerSilent
from flows.summary import artifact_pages
from tests.nights import ROOT, observatory

NOON = dt.datetime(2026, 11, 20, 11, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Answering(PrefectApi):
    """A server that keeps what it is asked."""

    url: str = "http://127.0.0.1:9/api"
    due: tuple[dict[str, Any], ...] = ()
    cancelled: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    silent: list[int] = field(default_factory=list)

    def call(self, path: str, body: Any = None) -> Any:
        if path == "/flow_runs/filter":
            return list(self.due)
        self.cancelled.append(path.split("/")[2])
        return None

    def send(self, happening: Happening, at: dt.datetime) -> None:
        if self.silent:
            self.silent.pop()
            raise ServerSilent("Le serveur ne répond pas.")
        self.told.append(str(happening.payload["fichiers"]))


def test_a_missed_night_is_not_replaced_by_a_run_of_one_dataset() -> None:
    """Newest first, as the server answers: the night of the 20th, due before the event that asks for one dataset."""

    def run(name: str, deployment: str, **parameters: str) -> dict[str, Any]:
        return {"id": name, "deployment_id": deployment, "parameters": parameters}

    api = Answering(
        due=(
            run("source-b", "nightly", jeu="insee/filosofi"),
            run("night-20", "nightly"),
            run("source-a", "nightly", jeu="insee/filosofi"),
            run("other", "nightly", jeu="ore/consommation"),
            run("night-19", "nightly"),
            run("doctor", "doctor"),
        )
    )
    assert api.forget_missed(NOON) == 2 and api.cancelled == ["source-a", "night-19"]


@pytest.mark.parametrize("name", ["nightly", "source", "yearly", "inbox", "alerts", "rebuild"])
def test_a_deployed_run_waits_for_its_turn(name: str) -> None:
    """Another deployment may hold the lock when a schedule fires: a run that does not wait is a night lost."""
    import importlib

    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    told = next(d for d in deployments if d["name"] == name)
    module, function = told["entrypoint"].removesuffix(".py").split(":")
    flow = getattr(importlib.import_module(module.removesuffix(".py").replace("/", ".")), function)
    assert ({"wait": inspect.signature(flow.fn).parameters["wait"].default} | told["parameters"])["wait"] >= 600


def test_a_server_that_is_down_does_not_stop_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    assert cli_runs._server_stands() is False and "sans lui" in capsys.readouterr().err
    monkeypatch.setattr(PrefectApi, "healthy", lambda self: True)
    assert cli_runs._server_stands() is True


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(standing, "SETTLING", 0.15)
    monkeypatch.setattr(standing, "WATCH_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(standing, "LOOK_AGAIN_SECONDS", 0.5)
    api, stop, said = Answering(), threading.Event(), []
    built = observatory(tmp_path / "entrepot")
    built.paths.inbox.mkdir(parents=True)
    thread = threading.Thread(target=standing.watch_inbox, args=(built, api, stop, said.append))  # type: ignore[arg-type]
    yield built.paths.inbox, api, said, thread
    stop.set()
    thread.join(timeout=20)
    assert not thread.is_alive()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


class Moments(threading.Event):
    """A stop whose waits are moments of a copy: each does the next thing, then time has passed."""

    def __init__(self, *moments: Callable[[], object]) -> None:
        super().__init__()
        self.left = list(moments)

    def wait(self, timeout: float | None = None) -> bool:
        if self.left:
            self.left.pop(0)()
        return self.is_set()


def test_a_deposit_is_told_once_it_holds_still_and_once_only(tmp_path: Path) -> None:
    api, told = Answering(), {}
    long, nothing = tmp_path / "long.csv", lambda: None

    def more() -> None:
        with long.open("ab") as file:
            file.write(b"x" * 100)

    def settle(*moments: Callable[[], object]) -> list[str]:
        standing._tell_settled(tmp_path, api, Moments(*moments), lambda _: None, told)  # type: ignore[arg-type]
        return api.told

    (tmp_path / "court.csv").write_bytes(b"x")
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    assert settle(more, more, more, nothing) == ["court.csv", "long.csv"]  # the short one is not kept waiting
    assert settle(nothing) == ["court.csv", "long.csv"]
    seen = long.stat()
    long.unlink()
    assert settle(nothing) == ["court.csv", "long.csv"]
    more()
    more()
    more()
    os.utime(long, ns=(seen.st_atime_ns, seen.st_mtime_ns))  # the same file, copied again with its date
    api.silent.append(1)
    assert settle(nothing) == ["court.csv", "long.csv"]  # the call was lost
    assert settle(nothing) == ["court.csv", "long.csv", "long.csv"]


def test_a_deposit_wakes_the_watch(watched) -> None:
    folder, api, _, thread = watched
    (folder / "avant.csv").write_bytes(b"dropped while nobody watched")
    thread.start()
    until(lambda: api.told == ["avant.csv"])  # from here the watch begins: a file is found before it and after
    (folder / "apres.csv").write_bytes(b"x")
    until(lambda: api.told == ["avant.csv", "apres.csv"])


def test_a_watch_that_ends_is_said_and_taken_up_again(watched, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, api, said, thread = watched
    real, failures = standing._files, [1]

    def files(path: Path) -> dict[str, tuple[int, int]]:
        if failures:
            failures.pop()
            raise PermissionError("away")
        return real(path)

    monkeypatch.setattr(standing, "_files", files)
    (folder / "depot.csv").write_bytes(b"x")
    thread.start()
    until(lambda: api.told == ["depot.csv"])
    assert any("PermissionError" in line for line in said)


def test_what_comes_from_outside_is_no_markdown_in_an_artifact() -> None:
    hostile = "```\n<img src=x onerror=alert(1)> [ici](javascript:alert(1)) | `x`"
    refused = {"etat": "refuse", "fichier": hostile, "problemes": [], "range": "refused/x", "note": ""}
    value = {
        "id": "2026-11-20-001", "summary": hostile, "datasets": [], "deposits": [refused],
        "release": {"id": None, "published": False, "reason": hostile},
        "mail": {"composed": 0, "pending": 0, "fallbacks": []},
        "errors": [{"what": hostile, "where": "", "todo": hostile}],
        "checks": [{"jeu": hostile, "enonce": hostile, "observe": hostile, "resultat": "bloquant"}],
        "changes": [],
    }  # fmt: skip
    (_, _, page), (_, _, table) = artifact_pages(value)
    before, inside, after = page.split("```")
    for text in (before, after, table):
        assert "<" not in text.replace("\\<", "") and "[" not in text.replace("\\[", "")
    assert "<img" in inside  # shown as it is, where nothing is obeyed
    assert len(table.splitlines()) == 3 and {line.count("|") for line in table.splitlines()} == {5}


@pytest.mark.parametrize(
    ("told", "mode", "name"),
    [
        ({}, "reel", "nuit 2026-11-21"),
        ({"nuit": "2026-11-19"}, "reel", "nuit 2026-11-19"),
        ({"jeu": "insee/filosofi"}, "reel", "insee/filosofi 2026-11-21"),
        ({}, "demonstration", "nuit 2026-11-20"),
    ],
)
def test_a_run_is_called_by_its_night(
    told: dict[str, str], mode: str, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The night of a scheduled run is no parameter: due at 23:30 UTC, it is that of the next day in Paris."""
    from flows import tracked
    from flows.nightly import nightly

    due = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
    parameters = {"nuit": None, "mode": mode, "warehouse": str(tmp_path), "jeu": None} | told
    run = SimpleNamespace(id="x", parameters=parameters, scheduled_start_time=due)
    monkeypatch.setattr(tracked, "flow_run", run)
    assert nightly.flow_run_name() == name  # type: ignore[operator]


def test_the_service_may_write_where_the_guide_puts_the_warehouse() -> None:
    """Under ProtectSystem=strict everything else is read-only: the first night would fail."""
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    unit = (ROOT / "deploy" / "systemd" / "observatoire.service").read_text(encoding="utf-8")
    (warehouse,) = set(re.findall(r"OBSERVATOIRE_WAREHOUSE=([\w/.-]+)", guide))
    (allowed,) = re.findall(r"^ReadWritePaths=(.+)$", unit, re.MULTILINE)
    assert "ProtectSystem=strict" in unit and warehouse in [path.lstrip("-") for path in allowed.split()]
