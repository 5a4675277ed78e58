"""The child process that runs dbt: lines of JSON on standard input, an exit code comes back.

The first line is a `dbt parse`, which may come long before the second, the build itself: the imports and the reading
of the project go on while the gate judges editions. dbt keeps a DuckDB file open for the life of its process, and
a second run in one process sees stale connections: one build a child. The list of landed files outgrows a command
line within two years. Not here: reading the results (`dbt`).
"""

from __future__ import annotations

import gc
import json
import os
import queue
import sys
import threading

# Every node takes Python's lock many times: with the usual 5 ms, threads spend a fifth of their time passing it on.
SWITCH_INTERVAL = 0.05  # seconds


def main() -> int:
    """Run dbt with the arguments read from standard input: 0 when everything passed, 1 otherwise.

    The parent never closes that input before this process ends: its end means that the parent was killed, or does not
    need the build.
    """
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.disable()  # the project is one graph that lives as long as the process: walking it again frees nothing
    from dbt.cli.main import dbtRunner

    parsing = json.loads(lines.get())
    parsed = dbtRunner().invoke(parsing).result if parsing else None  # a project that fails is told by the build
    asked = json.loads(lines.get())
    os.environ.update(asked["environment"])
    return 0 if dbtRunner(manifest=parsed).invoke(asked["arguments"]).success else 1


def _listen(lines: queue.SimpleQueue[bytes]) -> None:
    """Hand the lines of the raw input over (sys.stdin's lock would be held when Python ends); end with the parent."""
    unfinished = b""
    while found := os.read(0, 1 << 16):
        *whole, unfinished = (unfinished + found).split(b"\n")
        for line in whole:
            lines.put(line)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
