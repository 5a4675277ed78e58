"""A frozen copy of the code, so that a long campaign judges one code fingerprint while people go on working.

Not here: any trial. `flows` is imported from the copy by every process whose current folder is the copy.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("flows", "dbt_project", "expectations", "site", "tests", "deploy", "docs", "warehouse/demonstration")
FILES = (
    "requirements.lock",
    "observatoire.toml",
    "prefect.yaml",
    "pyproject.toml",
    "Makefile",
    "README.md",
    "LICENSE",
)
_IGNORED = shutil.ignore_patterns("__pycache__", "target", "logs", "node_modules")


def freeze(target: Path) -> Path:
    """Copy what the product and its tests are made of into `target` and return it."""
    target.mkdir(parents=True)
    for name in FOLDERS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=_IGNORED)
    for name in FILES:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, target / name)
    return target


def environment(root: Path, **more: str) -> dict[str, str]:
    """The environment of a child that works with the code of `root`: nothing of this process's own settings."""
    hidden = ("OBSERVATOIRE_", "PREFECT_", "DBT_", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return {**kept, "OBSERVATOIRE_ROOT": str(root), "PYTHONPATH": str(root), "DO_NOT_TRACK": "1", **more}


def command(
    root: Path, warehouse: Path, *arguments: str, output: Path | None = None, **more: str
) -> subprocess.Popen[str]:
    """`observatoire …` of the code of `root` on a warehouse, as a child process that is not waited for.

    What it prints goes to pipes, or to the file `output`: a child that lives long must not fill a pipe.
    """
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(output.open("w")) if output else None
        return subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "--warehouse", str(warehouse), *arguments],
            cwd=root,
            env=environment(root, **more),
            stdout=log or subprocess.PIPE,
            stderr=log or subprocess.PIPE,
            text=True,
        )
