"""Whole nights for tests: an observatory on a throw-away warehouse, run in this process or in a child."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from flows.night import Options, night
from flows.observatory import Observatory
from flows.settings import load_settings

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


def record_of(warehouse: Path) -> dict[str, Any]:
    """The newest run record of a warehouse."""
    return json.loads(sorted(warehouse.glob("runs/*/run.json"))[-1].read_text(encoding="utf-8"))
