"""The second process: its answer, its errors, and its end with whoever started it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from flows.beside import Beside
from flows.core.errors import ObservatoireError, ReleaseError
from tests.nights import ROOT


def double(value: int) -> int:
    print("what a library prints is no answer")
    return 2 * value


def refuse() -> None:
    raise ReleaseError("Refusé.", where="ici", todo="recommencer.")


def vanish() -> None:
    os._exit(3)


def wait(told: str) -> None:
    with open(told, "w", encoding="utf-8") as file:
        file.write(str(os.getpid()))
    time.sleep(60)


def test_an_answer_and_an_error_come_back():
    with Beside(double, 21) as one, Beside(refuse) as other, Beside(vanish) as gone:
        assert one.answer() == 42
        with pytest.raises(ReleaseError) as told:
            other.answer()
        assert (told.value.where, told.value.todo) == ("ici", "recommencer.")
        with pytest.raises(ObservatoireError, match="sans répondre"):
            gone.answer()


def test_it_ends_with_a_killed_night(tmp_path):
    told = tmp_path / "pid"
    code = (
        f"from tests.test_beside import wait; from flows.beside import Beside; Beside(wait, {str(told)!r}).answer()"
    )
    night = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    deadline = time.monotonic() + 60
    while not (told.exists() and told.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    pid = int(told.read_text())
    night.kill()
    night.wait()
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
