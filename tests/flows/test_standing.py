"""`observatoire up` on a real server: a cron fires, a file dropped in the inbox is published, the alerts follow."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.nights import Small
from tests.saisies.deposits import csv_of, row

pytestmark = pytest.mark.slow
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class Up:
    """`observatoire up` as a child process, and its server's API."""

    def __init__(self, small: Small, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.api, self.log, self.small = f"http://127.0.0.1:{port}/api", log, small
        settings = {"PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5"}
        self.process = small.start("up", "--port", str(port), output=log, **settings)

    def ask(self, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.api + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        for _ in range(30):  # a busy server on SQLite answers 503 for a moment, as its own client expects
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise
            time.sleep(1)
        raise OSError("the Prefect server stays unavailable (503)")

    def wait_for(self, what: str, seconds: float, found: Callable[[], Any]) -> Any:
        """Ask until `found()` gives something; what `up` said is shown when it never does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None, f"up has ended: {self.log.read_text()[-3000:]}"
            with contextlib.suppress(OSError):
                if value := found():
                    return value
            time.sleep(1)
        logs = "".join(p.read_text(errors="replace")[-3000:] for p in sorted(self.home.glob("*.log")))
        pytest.fail(f"{what} did not come in {seconds:.0f} s\n{self.log.read_text()[-2000:]}\n{logs}")

    @property
    def home(self) -> Path:
        return self.small.warehouse / "state" / "prefect"

    def deployments(self) -> dict[str, Any]:
        return {d["name"]: d for d in self.ask("/deployments/filter", {})}

    def ended(self, deployment: str) -> list[Any]:
        """Runs of a deployment that ended, oldest first."""
        known = self.deployments()[deployment]["id"]
        runs = self.ask("/flow_runs/filter", {"deployments": {"id": {"any_": [known]}}, "sort": "START_TIME_ASC"})
        return [run for run in runs if run["state_type"] in ENDED]


@pytest.fixture
def up(small: Small, tmp_path: Path) -> Iterator[Up]:
    standing = Up(small, tmp_path / "up.log")
    try:
        yield standing
    finally:
        if standing.process.poll() is None:
            standing.process.send_signal(signal.SIGTERM)
            try:
                standing.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                standing.process.kill()


def test_up_runs_the_nights_takes_deposits_in_and_alerts(up: Up, small: Small) -> None:
    up.wait_for("the standing installation", 180, lambda: "Prêt" in up.log.read_text())
    deployed = up.deployments()
    assert set(deployed) == {"nightly", "source", "yearly", "inbox", "alerts", "rebuild", "doctor"}
    cron = deployed["nightly"]["schedules"][0]["schedule"]
    assert (cron["cron"], cron["timezone"]) == ("30 4 * * *", "Europe/Paris")
    strategies = {name: d["concurrency_options"]["collision_strategy"] for name, d in deployed.items()}
    assert strategies["nightly"] == "CANCEL_NEW" and strategies["inbox"] == strategies["alerts"] == "ENQUEUE"

    # A file dropped in the inbox is published without anybody asking, and its release starts the alerts.
    first = small.current
    body = csv_of(row(indicateur_id="rehabilitations_parc_social"))
    (small.warehouse / "inbox" / "habitat.csv").write_bytes(body)
    run = up.wait_for("the inbox run", 180, lambda: up.ended("inbox"))[0]
    assert run["state_type"] == "COMPLETED" and "habitat.csv" in run["name"], run
    assert small.current != first
    page = small.warehouse / "current/site/indicateurs/rehabilitations-parc-social/index.html"
    assert "412" in page.read_text(encoding="utf-8")
    alerts = up.wait_for("the alerts", 120, lambda: up.ended("alerts"))[0]
    assert alerts["state_type"] == "COMPLETED" and small.current in alerts["name"], alerts

    # A cron fires, and the night runs as tracked tasks.
    every_minute = {"schedule": {"cron": "* * * * *", "timezone": "Europe/Paris"}, "active": True}
    up.ask(f"/deployments/{deployed['nightly']['id']}/schedules", [every_minute])
    night = up.wait_for("a scheduled night", 180, lambda: up.ended("nightly"))[0]
    assert night["state_type"] == "COMPLETED" and night["auto_scheduled"], night
    tasks = up.ask("/task_runs/filter", {"flow_runs": {"id": {"any_": [night["id"]]}}})
    assert {"recevoir", "controler"} <= {t["name"].split("-")[0] for t in tasks}
    artifacts = up.ask("/artifacts/filter", {"flow_runs": {"id": {"any_": [night["id"]]}}})
    assert any("Rien de nouveau" in (a["data"] or "") for a in artifacts)

    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(timeout=90) == 0
    assert "Arrêté." in up.log.read_text()
    left = [p for p in Path("/proc").glob("[0-9]*/environ") if _mentions(p, str(up.home))]
    assert not left, "a child outlived `observatoire up`"


def _mentions(environ: Path, home: str) -> bool:
    try:
        return f"PREFECT_HOME={home}".encode() in environ.read_bytes() and environ.parent.name != str(os.getpid())
    except OSError:
        return False
