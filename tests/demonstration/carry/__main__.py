"""`python -m tests.demonstration.carry FOLDER`: writes `warehouse/demonstration/` from the reference data.

Not here: sources.csv, which a person writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.demonstration.carry.reading import as_csv
from tests.demonstration.carry.tables import CARRIERS


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m tests.demonstration.carry FOLDER_OF_THE_REFERENCE_DATA", file=sys.stderr)
        return 2
    target = Path(__file__).resolve().parents[3] / "warehouse/demonstration"
    for name, carrier in CARRIERS.items():
        content = as_csv(name, carrier(Path(arguments[0])))
        (target / f"{name}.csv").write_bytes(content)
        lines = len(content.splitlines()) - 1
        print(f"{name}: {lines} rows, {len(content)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
