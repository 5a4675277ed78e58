"""The bench in words: a table for the terminal, docs/performance.md, and the machine it ran on.

Not here: measuring. Pure functions of the results, but for `machine`, which reads what Linux says of the processor
and the memory; no name of a machine and no path is ever written.
"""

from __future__ import annotations

import itertools
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.stage_names import AGAIN, STAGES

Results = Mapping[int, Mapping[str, Mapping[str, Any]]]
PARTS = ("dbt", "gate 2", "site")


def machine() -> dict[str, str]:
    """Cores that this process may use, memory, processor model, Python."""
    model = "unknown"
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    kilobytes = next((int(x.split()[1]) for x in _lines("/proc/meminfo") if x.startswith("MemTotal")), 0)
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{kilobytes / 1024 / 1024:.0f} GiB" if kilobytes else "unknown",
        "processor": model,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


def rows(results: Results) -> list[list[str]]:
    """One row a stage and size: stage, territories, wall s, processor s, MiB of the process, MiB of its child."""
    found = []
    for stage in STAGES:
        for size, told in results.items():
            one = told[stage]
            child = f"{one['memory_child']:,.0f}" if one["memory_child"] > 1 else "–"
            own = f"{one['memory_own']:,.0f}"
            found.append([stage, f"{size:,}", f"{one['wall']:.1f}", f"{one['processor']:.1f}", own, child])
    return found


def ratios(results: Results) -> list[list[str]]:
    """For each stage, wall, processor and memory of a size over those of the size before."""
    sizes = list(results)
    found = []
    for before, after in itertools.pairwise(sizes):
        for stage in STAGES:
            a, b = results[before][stage], results[after][stage]
            found.append(
                [
                    f"{after:,} / {before:,}",
                    stage,
                    f"{b['wall'] / max(a['wall'], 1e-3):.1f}",
                    f"{b['processor'] / max(a['processor'], 1e-3):.1f}",
                    f"{_peak(b) / _peak(a):.1f}",
                ]
            )
    return found


def build_parts(results: Results) -> list[list[str]]:
    """Seconds of dbt, gate 2 and the site inside the build, pages, and pages per second."""
    found = []
    for size, told in results.items():
        build = told["build"]
        seconds = [build["parts"].get(part, 0.0) for part in PARTS]
        speed = build["pages"] / max(seconds[-1], 1e-3)
        found.append([f"{size:,}", *(f"{s:.1f}" for s in seconds), f"{build['pages']:,}", f"{speed:.0f}"])
    return found


def released(results: Results) -> list[list[str]]:
    """From landed data to a published release: wall s, processor s, largest MiB; then a second night in which one
    source changed (its landing left out too), and its part of the first."""
    found = []
    for size, told in results.items():
        first, second = ("gate", "build", "publish"), AGAIN[1:]
        wall = [sum(told[stage]["wall"] for stage in stages) for stages in (first, second)]
        processor = [sum(told[stage]["processor"] for stage in stages) for stages in (first, second)]
        peak = max(told[stage]["memory_own"] + told[stage]["memory_child"] for stage in first)
        found.append(
            [
                f"{size:,}",
                f"{wall[0]:.1f}",
                f"{processor[0]:.1f}",
                f"{peak:,.0f}",
                f"{wall[1]:.1f}",
                f"{wall[1] / max(wall[0], 1e-3):.2f}",
                f"{processor[1] / max(processor[0], 1e-3):.2f}",
            ]
        )
    return found


def volumes(results: Results) -> list[list[str]]:
    """What each size amounts to: rows landed, editions, checks, observations, files of the site, sizes in MB."""
    return [
        [
            f"{size:,}",
            f"{told['land']['rows']:,}",
            f"{told['land']['editions']:,}",
            f"{told['gate']['checks']:,}",
            f"{told['build']['observations']:,}",
            f"{told['build']['files']:,}",
            f"{told['build']['database_bytes'] / 1e6:,.0f}",
            f"{told['build']['site_bytes'] / 1e6:,.0f}",
        ]
        for size, told in results.items()
    ]


def _peak(one: Mapping[str, Any]) -> float:
    return max(one["memory_own"], one["memory_child"])


HEADS = {
    "stages": ["stage", "territories", "wall (s)", "processor (s)", "peak MiB, itself", "peak MiB, child"],
    "ratios": ["sizes", "stage", "wall ×", "processor ×", "memory ×"],
    "parts": ["territories", "dbt (s)", "gate 2 (s)", "site (s)", "pages", "pages/s"],
    "released": [
        "territories", "wall (s)", "processor (s)", "peak MiB, with its child", "one source changed (s)", "wall ×",
        "processor ×",
    ],
    "volumes": [
        "territories", "rows landed", "editions", "checks", "observations", "files of the site", "database (MB)",
        "site (MB)",
    ],
}  # fmt: skip


def table(results: Results) -> str:
    """Everything as plain text columns."""
    blocks = [
        _columns(HEADS["released"], released(results)),
        _columns(HEADS["stages"], rows(results)),
        _columns(HEADS["parts"], build_parts(results)),
        _columns(HEADS["volumes"], volumes(results)),
    ]
    if len(results) > 1:
        blocks.append(_columns(HEADS["ratios"], ratios(results)))
    return "\n\n".join(blocks)


def _columns(head: list[str], body: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in [head, *body]) for i in range(len(head))]
    return "\n".join("  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in [head, *body])


def _markdown(head: list[str], body: list[list[str]]) -> str:
    marks = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, marks, *body])


def markdown(results: Results, on: Mapping[str, str], day: str, air_years: int, left: Sequence[int] = ()) -> str:
    """docs/performance.md. `left`: sizes that this run did not measure, which the page says."""
    missing = " and ".join(f"{size:,}" for size in left)
    said = f" Not measured by this run: {missing} territories." if missing else ""
    busy = (
        " Others were using the machine: processor seconds say more than those of the wall here."
        if float(on["load"]) > 2 * int(on["cores"])
        else ""
    )
    return f"""# Performance

What a night costs, stage by stage, for this territory and for ten and a hundred times as many communes. Written by
`make bench`; do not edit by hand. No test times anything: compare the ratios of one run, not the seconds of two.

Run on {day}: {on["processor"]}, {on["cores"]} cores, {on["memory"]}, {on["system"]}, Python {on["python"]}; load
average at the end {on["load"]}.{busy}{said}

Synthetic editions: the demonstration's tables multiplied over made-up communes, fifteen years of every annual series
({air_years} of daily air indices), read by one Parquet decoder in place of each publisher's format. The network and
those decoders are therefore outside these figures; everything after them is the ordinary night, first release of a
new warehouse, except where a second night is told. Suites are evaluated in full and block nothing, since multiplied
figures break rules that know this territory. Each stage runs in its own process, and its imports of heavy libraries
count (Great Expectations in `gate` and `build`, dbt in the child of `build`, which a night starts during `gate`).

## From landed data to a published release

Gates, build and switch of a first night; then of a second one in which the populations of one EPCI changed, and what
it costs of the first. It reuses decoded tables, verdicts of editions and drawings; dbt builds every table again.

{_markdown(HEADS["released"], released(results))}

## Stages

`build` is dbt, gate 2, the site with its exports, and the digests of the manifest. The child of `build` is dbt.

{_markdown(HEADS["stages"], rows(results))}

## Inside the build

{_markdown(HEADS["parts"], build_parts(results))}

## What was processed

{_markdown(HEADS["volumes"], volumes(results))}

## Ratios

Ten times the territories should cost about ten times as much at most; less where a fixed cost dominates.

{_markdown(HEADS["ratios"], ratios(results))}
"""
