"""Whole nights for tests: an observatory on a throw-away warehouse, run in this process or in a child."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.night import Options, night
from flows.observatory import Observatory
from flows.settings import load_settings
from tests.campaign import frozen

ROOT = Path(__file__).resolve().parents[1]


def observatory(warehouse: Path, **settings: Any) -> Observatory:
    """An observatory of this checkout (or of `root`) on another warehouse."""
    return Observatory(load_settings(**{"root": ROOT, "warehouse": warehouse, **settings}))


def run_night(warehouse: Path, options: Options = Options(), **settings: Any) -> dict[str, Any]:  # noqa: B008
    """One night in this process; returns its run record."""
    return night(observatory(warehouse, **settings), options).value


def command(warehouse: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """`observatoire …` as a child process on a warehouse (not waited for)."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "OBSERVATOIRE_ROOT": str(ROOT), "OBSERVATOIRE_WAREHOUSE": str(warehouse), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(child: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, standard output and error of a child that ended."""
    out, err = child.communicate(timeout=300)
    return child.returncode, out, err


@dataclass(frozen=True)
class Small:
    """A small observatory (`tests.campaign.small`) on a warehouse of its own; every command is a child process."""

    code: Path
    warehouse: Path

    @classmethod
    def after(cls, code: Path, night: Path, warehouse: Path) -> Small:
        """On a copy of the warehouse `night`."""
        shutil.copytree(night, warehouse, symlinks=True)
        return cls(code, warehouse)

    def start(self, *arguments: str, output: Path | None = None, **settings: object) -> subprocess.Popen[str]:
        """`observatoire …`, not waited for; `settings` as `OBSERVATOIRE_…` unless in capitals; `output`: a log."""
        told = {n if n.isupper() else f"OBSERVATOIRE_{n.upper()}": str(value) for n, value in settings.items()}
        return frozen.command(self.code, self.warehouse, *arguments, output=output, **told)

    def __call__(self, *arguments: str, **settings: object) -> tuple[int, str]:
        """`observatoire …` to its end: exit code, and what it printed."""
        code, out, err = finished(self.start(*arguments, **settings))
        return code, out + err

    def night(self, *arguments: str, **settings: object) -> dict[str, Any]:
        """One night (`nightly` unless told otherwise), whatever became of it: its run record."""
        self(*(arguments or ("nightly",)), **settings)
        return self.record

    @property
    def record(self) -> dict[str, Any]:
        return record_of(self.warehouse)

    @property
    def current(self) -> str:
        """Id of the published release."""
        return (self.warehouse / "current").readlink().name


def record_of(warehouse: Path) -> dict[str, Any]:
    """The newest run record of a warehouse."""
    return json.loads(sorted(warehouse.glob("runs/*/run.json"))[-1].read_text(encoding="utf-8"))
