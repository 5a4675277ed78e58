"""The child process that runs dbt: arguments as JSON on standard input, nothing returned but an exit code.

dbt keeps a DuckDB file open for the life of its process, and a second run in one process sees stale connections;
and the list of landed files outgrows a command line within two years. Not here: reading the results (`dbt`).
"""

from __future__ import annotations

import json
import sys


def main() -> int:
    """Run dbt with the arguments read from standard input: 0 when everything passed, 1 otherwise."""
    arguments = json.load(sys.stdin)
    from dbt.cli.main import dbtRunner

    return 0 if dbtRunner().invoke(arguments).success else 1


if __name__ == "__main__":
    sys.exit(main())
