"""Whole files or nothing: what a killed writer leaves is swept, what a finished one wrote stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from flows.files import UNFINISHED, sweep_unfinished, write_bytes, write_json

KILLED = """
import os, sys
from pathlib import Path
import flows.files
os.replace = lambda *_: os.kill(os.getpid(), 9)  # the moment before the rename
flows.files.write_bytes(Path(sys.argv[1]), b"half a night")
"""


def test_a_killed_write_leaves_nothing_after_the_sweep(tmp_path: Path) -> None:
    kept = tmp_path / "a" / "000001.json"
    write_bytes(kept, b"whole")
    lost = tmp_path / "a" / "b" / "000002.json"
    code = subprocess.run([sys.executable, "-c", KILLED, str(lost)], cwd=Path(__file__).parents[2], check=False)
    assert code.returncode == -signal.SIGKILL
    left = [name for _, _, names in os.walk(tmp_path) for name in names if name.endswith(UNFINISHED)]
    assert len(left) == 1 and not lost.exists()

    assert sweep_unfinished(tmp_path) == 1
    assert [p for p in sorted(tmp_path.rglob("*")) if p.is_file()] == [kept]
    assert sweep_unfinished(tmp_path) == 0


def test_json_holds_a_name_that_is_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"d\xe9p\xf4t.csv")
    write_json(tmp_path / "run.json", {"où": name})
    assert json.loads((tmp_path / "run.json").read_text(encoding="utf-8")) == {"où": name}
