"""The child process that runs dbt: arguments as a line of JSON on standard input, an exit code comes back.

dbt keeps a DuckDB file open for the life of its process, and a second run in one process sees stale connections;
and the list of landed files outgrows a command line within two years. Not here: reading the results (`dbt`).
"""

from __future__ import annotations

import json
import os
import sys
import threading


def main() -> int:
    """Run dbt with the arguments read from standard input: 0 when everything passed, 1 otherwise.

    The parent never closes that input before this process ends: its end means that the parent was killed.
    """
    arguments = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    from dbt.cli.main import dbtRunner

    return 0 if dbtRunner().invoke(arguments).success else 1


def _end_with_the_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # the raw file, not sys.stdin, whose lock would be held when Python ends
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
