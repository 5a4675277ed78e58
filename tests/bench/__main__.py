"""The command: every size, every stage, a table on the terminal and in docs/performance.md.

Not here: the work of a stage (`stages`) and the tables (`synthetic`). This process stays small and imports nothing
heavy: a child's peak memory is counted from its parent's.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.report import machine, markdown, table
from tests.bench.stage_names import AGAIN, STAGES
from tests.campaign.frozen import environment

ROOT = Path(__file__).resolve().parents[2]
SIZES = (88, 880, 8_800)
PAGE = ROOT / "docs" / "performance.md"


def main() -> int:
    """Run the bench; 0 when every stage of every size went through."""
    options = _options()
    sizes = [int(size) for size in options.sizes.split(",")]
    if min(sizes) < 80:
        print("A size is at least 80 territories.", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="observatoire-banc-", dir=options.folder))
    try:
        results = _run(folder, sizes, options.air_years)
    finally:
        if options.keep:
            print(f"Kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print()
    print(table(results))
    if set(sizes) <= set(SIZES) and not options.no_write:
        left = [size for size in SIZES if size not in sizes]
        PAGE.write_text(markdown(results, machine(), _today(), options.air_years, left), encoding="utf-8")
        print(f"\nWritten: {PAGE.relative_to(ROOT)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="territories, comma separated")
    parser.add_argument("--air-years", type=int, default=2, help="years of daily air indices")
    parser.add_argument("--folder", help="where the temporary warehouses go (some GB for the largest size)")
    parser.add_argument("--keep", action="store_true", help="keep the warehouses")
    parser.add_argument("--no-write", action="store_true", help="do not rewrite docs/performance.md")
    return parser.parse_args()


def _run(folder: Path, sizes: list[int], air_years: int) -> dict[int, dict[str, Any]]:
    from tests.bench.wired import bench_root

    root = bench_root(folder)
    _child(root, "demonstration", str(folder / "base"), str(folder / "base-entrepot"))
    results: dict[int, dict[str, Any]] = {}
    for size in sizes:
        place = folder / str(size)
        place.mkdir()
        _child(root, "editions", str(folder / "base"), str(place / "editions"), str(size), str(air_years))
        results[size] = {"editions": _told(place / "editions.json")}
        for stage in (*STAGES, *AGAIN):
            begun = time.monotonic()
            _child(root, stage, str(root), str(place))
            results[size][stage] = told = _told(place / f"{stage}.json")
            print(
                f"{size:>6} {stage:<11} {told['wall']:8.1f} s wall {told['processor']:8.1f} s processor "
                f"{max(told['memory_own'], told['memory_child']):8.0f} MiB   "
                f"({time.monotonic() - begun:.0f} s with start-up)",
                flush=True,
            )
    return results


def _child(root: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "tests.bench.stages", *arguments]
    subprocess.run(command, cwd=root, env=environment(root), check=True)


def _told(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


if __name__ == "__main__":
    sys.exit(main())
