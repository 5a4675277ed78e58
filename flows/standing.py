"""`observatoire up`: a Prefect server, a worker, the deployments of prefect.yaml and a watch on the inbox, together.

State stays under `warehouse/state/prefect`; a part that dies is started again; a stop asks each to end, the worker
first. Not here: what runs do. Without all this, a cron line and `observatoire nightly` do the same work later.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flows.core.errors import ConfigurationError, ObservatoireError
from flows.happenings import deposit_received
from flows.landing.inbox import SETTLING, passing, shown_name
from flows.observatory import Observatory
from flows.prefect_api import PrefectApi, ServerSilent

POOL = "observatoire"
START_SECONDS = 120
STOP_SECONDS = 30
WATCH_AGAIN_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 60.0
RETENTION = dt.timedelta(days=30)
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG
Say = Callable[[str], None]
Stamp = tuple[int, int]


class StandingFailed(ObservatoireError):
    """A part of the standing installation could not be started."""


@dataclass
class Part:
    """One child process that must always run; `log` takes what it prints."""

    name: str
    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "prefect", *self.arguments],
                cwd=self.folder,
                env=dict(self.environment),
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )
        self.starts = [*self.starts[-4:], time.monotonic()]

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Ask it to end, then end it and what it started."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            self.process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def up(observatory: Observatory, *, port: int, say: Say, stop: threading.Event | None = None) -> None:
    """Start everything, watch over it, and end it cleanly on SIGINT or SIGTERM (or when `stop` is set).

    Raises:
        ConfigurationError: something answers on the port already. StandingFailed: a part does not start.
    """
    stop = stop or _stop_on_signals()
    observatory.check_mode()
    api = PrefectApi(f"http://127.0.0.1:{port}/api")
    if api.healthy():
        raise ConfigurationError(
            f"Un serveur Prefect répond déjà sur le port {port}.",
            where=api.url,
            todo="l'arrêter, ou choisir un autre port avec --port.",
        )
    home = observatory.paths.state / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    environment = prefect_environment(observatory, api.url)
    root = observatory.paths.root

    def part(name: str, *arguments: str) -> Part:
        return Part(name, arguments, home / f"{name}.log", environment, root)

    server = part("serveur", "server", "start", "--host", "127.0.0.1", "--port", str(port))
    worker = part("travailleur", "worker", "start", "--pool", POOL, "--type", "process", "--name", POOL)
    parts = [server, worker]
    try:
        server.start()
        _wait(api, server, stop)
        say(f"Serveur Prefect : http://127.0.0.1:{port} (état gardé dans {home})")
        _prefect(environment, root, "work-pool", "create", POOL, "--type", "process", "--overwrite")
        _prefect(environment, root, "--no-prompt", "deploy", "--all")
        say("Déploiements posés : prefect.yaml")
        missed = api.forget_missed(dt.datetime.now(dt.UTC))
        if missed:
            say(f"{missed} exécution(s) manquée(s) seront rattrapées par la plus récente.")
        worker.start()
        threading.Thread(target=watch_inbox, args=(observatory, api, stop, say), daemon=True).start()
        say("Prêt : les nuits se lancent à leur heure, les dépôts dès leur arrivée. Arrêt : Ctrl-C.")
        _watch_over(parts, stop, say)
    finally:
        say("Arrêt…")
        stop.set()
        for one in reversed(parts):
            one.stop()
        say("Arrêté.")


def prefect_environment(observatory: Observatory, api_url: str) -> dict[str, str]:
    """What Prefect's processes are told: state under the warehouse, nothing sent outside, old runs forgotten."""
    settings = observatory.settings
    seconds = str(int(RETENTION.total_seconds()))
    return {
        **os.environ,
        "PREFECT_HOME": str(observatory.paths.state / "prefect"),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{RETENTION.days}D",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": seconds,
        "DO_NOT_TRACK": "1",
        "OBSERVATOIRE_ROOT": str(observatory.paths.root),
        "OBSERVATOIRE_WAREHOUSE": str(observatory.paths.warehouse),
        "OBSERVATOIRE_MODE": str(settings.mode),
    }


def watch_inbox(observatory: Observatory, api: PrefectApi, stop: threading.Event, say: Say) -> None:
    """Tell the server as soon as files came into the inbox and stopped growing, each once, until `stop` is set.

    The system wakes us. What it cannot say (a file written through another machine's share, one dropped between two
    watches, a server that was silent) is found by looking once a minute. A folder taken away, or anything else that
    ends the watch, is said and tried again: every night takes the inbox in meanwhile.
    """
    told: dict[str, Stamp] = {}
    while not stop.is_set():
        try:
            _watch(observatory.paths.inbox, api, stop, say, told)
        except Exception as error:
            say(f"La surveillance de la boîte de dépôt s'est arrêtée ({type(error).__name__}) : elle reprend.")
            stop.wait(WATCH_AGAIN_SECONDS)


def _watch(folder: Path, api: PrefectApi, stop: threading.Event, say: Say, told: dict[str, Stamp]) -> None:
    from watchfiles import watch

    folder.mkdir(parents=True, exist_ok=True)
    _tell_settled(folder, api, stop, say, told)  # dropped while nobody watched
    again = int(LOOK_AGAIN_SECONDS * 1000)
    for _ in watch(folder, recursive=False, stop_event=stop, rust_timeout=again, yield_on_timeout=True):
        _tell_settled(folder, api, stop, say, told)


def _tell_settled(folder: Path, api: PrefectApi, stop: threading.Event, say: Say, told: dict[str, Stamp]) -> None:
    """Tell each file once it holds still; returns when all do. `told` is kept from one call to the next."""
    before = _files(folder)
    for name in set(told) - set(before):  # taken in: the same file dropped again is told again
        del told[name]
    while before and not stop.wait(SETTLING):
        now = _files(folder)
        still = {name: stamp for name, stamp in now.items() if before.get(name) == stamp}
        fresh = sorted(name for name, stamp in still.items() if told.get(name) != stamp)
        if fresh and _tell(api, [shown_name(name) for name in fresh], say):
            told |= {name: still[name] for name in fresh}
        if still == now:
            return
        before = now


def _tell(api: PrefectApi, files: list[str], say: Say) -> bool:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    try:
        api.send(deposit_received(files, now.isoformat()), now)
    except ServerSilent as error:  # the next run takes it in
        say(f"Dépôt arrivé, serveur muet ({error.what}) : la prochaine exécution le recevra.")
        return False
    say(f"Dépôt arrivé : {', '.join(files)}")
    return True


def _files(folder: Path) -> dict[str, Stamp]:
    """Size and time of the last writing (nanoseconds) of each file that a run would take, by name."""
    found = {}
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # taken in meanwhile
            if path.is_file() and not passing(path.name):
                seen = path.stat()
                found[path.name] = (seen.st_size, seen.st_mtime_ns)
    return found


def _watch_over(parts: list[Part], stop: threading.Event, say: Say) -> None:
    while not stop.wait(1):
        for part in parts:
            if not part.ended():
                continue
            recent = [moment for moment in part.starts if time.monotonic() - moment < 300]
            if len(recent) >= 5:
                raise StandingFailed(
                    f"« {part.name} » s'est arrêté cinq fois en cinq minutes.",
                    where=str(part.log),
                    todo="lire ce journal, corriger, puis relancer « observatoire up ».",
                )
            say(f"« {part.name} » s'est arrêté : il est relancé.")
            if stop.wait(min(2 ** len(recent), 30)):
                return
            part.start()


def _wait(api: PrefectApi, server: Part, stop: threading.Event) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and not stop.is_set():
        if server.ended():
            break
        if api.healthy():
            return
        time.sleep(0.5)
    raise StandingFailed(
        "Le serveur Prefect ne démarre pas.", where=str(server.log), todo="lire ce journal, puis relancer."
    )


def _prefect(environment: Mapping[str, str], root: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *arguments],
        cwd=root,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StandingFailed(
            f"« prefect {' '.join(arguments[:2])} » a échoué : {(done.stdout + done.stderr)[-600:]}",
            where="prefect.yaml",
            todo="corriger ce que dit Prefect, puis relancer.",
        )


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop
