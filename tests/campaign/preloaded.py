"""Nights that start at once: a process that has imported everything, and forks one night after the other.

`python -m tests.campaign.preloaded` reads one JSON object a line (`{"warehouse": …, "nuit": …, "settings": {…}}`) and
answers with the pid of the night, then, when it ended, with its exit code (negative: the signal). Each night is a
real process that can be killed; only Python's imports are spared, which are most of a trial's time.
Not here: who kills, and when (`kill`).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.campaign.frozen import environment

HEAVY = (
    "altair",
    "duckdb",
    "flows.cli",
    "flows.mailing",
    "flows.night",
    "flows.portal",
    "flows.publishing.report",
    "flows.publishing.site",
    "flows.quality.gate",
    "flows.quality.report",
    "flows.sources.http",
    "great_expectations",
    "openpyxl",
    "pandas",
    "python_calamine",
    "vl_convert",
    "xlsxwriter",
    "xlwt",
)


class Night:
    """A night that runs in a process of its own."""

    def __init__(self, pid: int, answers: Any) -> None:
        self.pid = pid
        self._answers = answers
        self.returncode: int | None = None

    def wait(self) -> int:
        """Exit code of the night, once it ended; negative when a signal ended it."""
        if self.returncode is None:
            self.returncode = int(_line(self._answers))
        return self.returncode


class Preloaded:
    """The process that forks nights; one night at a time. Use it with `with`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.campaign.preloaded"],
            cwd=root,
            env=environment(root),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def night(self, warehouse: Path, nuit: dt.date | None = None, **settings: Any) -> Night:
        """Start a night on a warehouse."""
        asked = {"warehouse": str(warehouse), "nuit": nuit.isoformat() if nuit else None, "settings": settings}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Night(int(_line(self._process.stdout)), self._process.stdout)

    def __enter__(self) -> Preloaded:
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)


def _line(stream: Any) -> str:
    answer = stream.readline()
    if not answer:
        raise RuntimeError("the process that forks nights has ended")
    return answer


def _one_night(asked: dict[str, Any]) -> int:
    from flows.core.errors import ObservatoireError, RunLocked
    from flows.core.words import ExitCode
    from flows.night import Options, night
    from flows.observatory import Observatory
    from flows.settings import load_settings

    settings = load_settings(warehouse=Path(asked["warehouse"]), **asked["settings"])
    nuit = dt.date.fromisoformat(asked["nuit"]) if asked["nuit"] else None
    try:
        return night(Observatory(settings), Options(nuit=nuit)).exit_code
    except RunLocked:
        return ExitCode.LOCKED
    except ObservatoireError as error:
        print(error, file=sys.stderr)
        return ExitCode.FAILURE


def main() -> None:
    """Import everything, then fork a night for each line of standard input, until its end."""
    from importlib import import_module

    for name in HEAVY:
        import_module(name)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a night prints goes to standard error, not among the answers
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = _one_night(asked)
            finally:
                os._exit(code)
        print(pid, file=answers, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


if __name__ == "__main__":
    main()
