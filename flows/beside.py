"""A second process beside the night: the machine has two cores, and Python uses one.

What it does is a plain function of this project, called with plain values; its answer, or its error, comes back. Its
standard input stays open as long as it is wanted: when the night ends or is killed, it ends too, wherever it was, so
that no write ever lands in a folder that a later run builds in. Not here: dbt's own child (`flows.warehouse.dbt`),
and what is done beside (`flows.sharing`).
"""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flows.core.errors import ObservatoireError


class Beside:
    """A process that runs one function. Use it with `with`: leaving ends it, done or not."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Start `function` (of a module) with arguments that pickle."""
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", "flows.beside"]
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe)
        body = base64.b64encode(pickle.dumps((function, arguments)))
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # one that could not even start has said why on its standard error
            self._process.stdin.write(body + b"\n")
            self._process.stdin.flush()

    def answer(self) -> Any:
        """What the function returned; for a generator, what it yields next. Waits for it.

        Raises:
            Exception: what the function raised. ObservatoireError: it ended without an answer.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ObservatoireError(
                f"Un processus auxiliaire s'est arrêté sans répondre (code {self._process.wait()}).",
                todo="relancer ; si cela se répète, regarder la mémoire disponible.",
            )
        fine, value = pickle.loads(base64.b64decode(line))
        if not fine:
            raise value
        return value

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def main() -> None:
    """Read a function and its arguments, run it, answer; end when the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    asked = b""
    while not asked.endswith(b"\n"):
        found = os.read(0, 1 << 16)
        if not found:
            return
        asked += found
    threading.Thread(target=_end_with_the_night, daemon=True).start()

    def say(fine: bool, value: Any) -> None:
        answers.write(base64.b64encode(pickle.dumps((fine, value))) + b"\n")
        answers.flush()

    try:
        function, arguments = pickle.loads(base64.b64decode(asked))
        value = function(*arguments)
        if hasattr(value, "__next__"):
            for one in value:
                say(True, one)
        else:
            say(True, value)
    except Exception as error:
        say(False, error)


def _end_with_the_night() -> None:
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
