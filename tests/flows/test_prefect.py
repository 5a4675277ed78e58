"""The deployments of prefect.yaml on a real server: they deploy, a cron fires, the night runs as tracked tasks."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.nights import Small

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A Prefect server of its own, with its own home, on a free port."""

    def __init__(self, home: Path, small: Small) -> None:
        self.root = small.code
        self.api = f"http://127.0.0.1:{free_port()}/api"
        self.log = home / "log.txt"
        self.environment = {
            **os.environ,
            "PREFECT_HOME": str(home),
            "PREFECT_API_URL": self.api,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
            "OBSERVATOIRE_ROOT": str(small.code),
            "OBSERVATOIRE_WAREHOUSE": str(small.warehouse),
            "PYTHONPATH": str(small.code),
        }
        self._children: list[subprocess.Popen[bytes]] = []

    def prefect(self, *arguments: str) -> None:
        """One Prefect command, to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "prefect", *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def background(self, *arguments: str) -> None:
        """One Prefect command that goes on until the test ends."""
        with self.log.open("ab") as log:
            self._children.append(
                subprocess.Popen(
                    [sys.executable, "-m", "prefect", *arguments],
                    cwd=self.root,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
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

    def wait_for(self, what: str, seconds: float, found: Any) -> Any:
        """Ask until `found()` gives something; the server's log is shown when it never does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                value = found()
                if value:
                    return value
            time.sleep(1)
        pytest.fail(f"{what} did not come in {seconds:.0f} s\n" + self.log.read_text(errors="replace")[-3000:])

    def stop(self) -> None:
        for child in reversed(self._children):
            child.terminate()
        for child in self._children:
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


@pytest.fixture
def server(tmp_path: Path, small: Small) -> Iterator[Server]:
    home = tmp_path / "prefect"
    home.mkdir()
    built = Server(home, small)
    try:
        port = built.api.split(":")[2].split("/")[0]
        built.background("server", "start", "--host", "127.0.0.1", "--port", port, "--no-ui")
        built.wait_for("the server", 90, lambda: built.ask("/health"))
        yield built
    finally:
        built.stop()


def test_deployments_run_when_their_cron_fires(server: Server, small: Small) -> None:
    server.prefect("work-pool", "create", "observatoire", "--type", "process")
    server.prefect("--no-prompt", "deploy", "--all")
    deployed = {d["name"]: d for d in server.ask("/deployments/filter", {})}
    assert set(deployed) == {"nightly", "yearly"}
    crons = {name: d["schedules"][0]["schedule"] for name, d in deployed.items()}
    assert (crons["nightly"]["cron"], crons["nightly"]["timezone"]) == ("30 4 * * *", "Europe/Paris")
    assert deployed["nightly"]["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    nightly = deployed["nightly"]["id"]
    every_minute = {"schedule": {"cron": "* * * * *", "timezone": "Europe/Paris"}, "active": True}
    server.ask(f"/deployments/{nightly}/schedules", [every_minute])  # type: ignore[arg-type]
    server.background("worker", "start", "--pool", "observatoire", "--type", "process")

    def done() -> Any:
        runs = server.ask("/flow_runs/filter", {"deployments": {"id": {"any_": [nightly]}}})
        ended = [r for r in runs if r["state_type"] in ("COMPLETED", "FAILED", "CRASHED")]
        return ended[0] if ended else None

    run = server.wait_for("a scheduled run", 400, done)
    assert run["state_type"] == "COMPLETED", run["state"]
    assert run["auto_scheduled"]
    tasks = server.ask("/task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    assert {"recevoir", "controler"} <= {t["name"].split("-")[0] for t in tasks}
    assert small.record["exit_code"] == 0 and not small.record["release"]["published"]
