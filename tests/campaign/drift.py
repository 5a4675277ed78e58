"""Operating characteristics of the states: `python -m tests.campaign.drift` simulates them and writes docs/drift.md.

How often a series that follows its trajectory is said to drift, how often a real drift is seen within its two years,
and what that means in e-mails; beside it, the same figures for the rules that other observatories publish. Gaussian
noise of known size, independent or with memory; seeds are fixed, so the page is the same each time. The rule of the
house is written here with numpy, for speed; tests/warehouse/test_drift_simulation.py holds it equal to the SQL. Not
here: the method in words (the rest of docs/drift.md, by hand).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "drift.md"
START, END = "<!-- generated: characteristics -->", "<!-- end: characteristics -->"
SEED = 2044
DRAWS = 200_000  # series a cell
POINTS, TOLERANCES, DRIFTS = (5, 6, 8, 12), (0, 1, 2), (0, 1, 2, 3)
NOISES = {"independent": 0.0, "AR(1) 0.5": 0.5}
YEARS = 20  # of a series followed year after year, to count e-mails


@dataclass(frozen=True)
class Road:
    """An adopted straight line, for the rules that need levels: base and target, their years, the size of noise."""

    name: str
    base: float
    first: int
    target: float
    last: int
    seen: int  # year of the newest figure
    today: int  # calendar year in which it is read

    @property
    def sense(self) -> int:
        return 1 if self.target > self.base else -1

    @property
    def sigma(self) -> float:
        """Noise of one figure: 2 % of the road."""
        return 0.02 * abs(self.target - self.base)

    def due(self, year: int) -> float:
        return self.base + (self.target - self.base) * (year - self.first) / (self.last - self.first)


ROADS = (
    Road("825 kt in 2015, −80 % in 2050, seen in 2025", 825.0, 2015, 165.0, 2050, 2025, 2027),
    Road("10 % in 2019, 50 % in 2044, seen in 2025", 10.0, 2019, 50.0, 2044, 2025, 2027),
)


def residuals(rng: np.random.Generator, draws: int, points: int, memory: float, drift: float) -> np.ndarray:
    """`draws` × `points` residuals of variance 1 (> 0 is worse), in year order; `drift` σ added to the last two.

    Noise with memory is x(t) = m·x(t−1) + √(1−m²)·ε(t), started in its own law.
    """
    shocks = rng.standard_normal((draws, points))
    noise = shocks.copy()
    for year in range(1, points):
        noise[:, year] = memory * noise[:, year - 1] + np.sqrt(1 - memory**2) * shocks[:, year]
    noise[:, -2:] += drift
    return noise


def drifting(e: np.ndarray, tolerance: float) -> np.ndarray:
    """Is each series in `derive`: its last two residuals beyond max(tolerance, σ̂), σ̂ from the ones before (5 points
    or more; below, the tolerance alone)."""
    margin = np.full(len(e), float(tolerance))
    if e.shape[1] >= 5:
        ranges = np.abs(np.diff(e[:, :-2], axis=1))
        margin = np.maximum(margin, ranges.mean(axis=1) / 1.128)
    return (e[:, -2] > margin + 1e-9) & (e[:, -1] > margin + 1e-9)


def shares(points: int, tolerance: float, memory: float, draws: int = DRAWS) -> list[float]:
    """Share of `derive` (0 to 1) for each size of DRIFTS."""
    out = []
    for drift in DRIFTS:
        # One stream a cell: a cell does not depend on which others are drawn.
        rng = np.random.default_rng([SEED, points, int(10 * memory), drift])
        out.append(float(drifting(residuals(rng, draws, points, memory, drift), tolerance).mean()))
    return out


def entering(points: int, tolerance: float, memory: float, draws: int = DRAWS // 10) -> float:
    """Times a year that a series without any drift enters `derive`, over YEARS years after its first `points`."""
    rng = np.random.default_rng([SEED, points, int(10 * memory), 99])
    e = residuals(rng, draws, points + YEARS, memory, 0.0)
    states = np.stack([drifting(e[:, : points + year], tolerance) for year in range(YEARS + 1)])
    return float((states[1:] & ~states[:-1]).sum() / (draws * YEARS))


def others(road: Road, draws: int = DRAWS) -> Iterator[tuple[str, list[float]]]:
    """(rule, alarms for each size of DRIFTS) of the published rules, on figures around an adopted straight line."""
    figures = []
    for drift in DRIFTS:
        rng = np.random.default_rng([SEED, road.first, drift])
        worse = rng.standard_normal(draws) + drift
        figures.append(road.due(road.seen) - road.sense * road.sigma * worse)
    needed = abs((road.target / road.base) ** (1 / (road.last - road.first)) - 1)
    ratios = [
        road.sense * (np.maximum(y, 1e-3) / road.base) ** (1 / (road.seen - road.first)) - road.sense for y in figures
    ]
    yield (
        "growth-rate ratio < 95 % (Open SDG, Eurostat: not on track)",
        [float((r / needed < 0.95).mean()) for r in ratios],
    )
    yield "growth-rate ratio < 60 % (limited progress or worse)", [float((r / needed < 0.60).mean()) for r in ratios]
    done = [(y - road.base) / (road.due(road.today) - road.base) for y in figures]
    yield "PILOTE: rate < 100 % of the target of the calendar year", [float((t < 1).mean()) for t in done]
    yield (
        "latest worse than the trajectory",
        [float((road.sense * (y - road.due(road.seen)) < 0).mean()) for y in figures],
    )


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def section(draws: int = DRAWS) -> str:
    """The generated part of docs/drift.md."""
    lines = [
        f"Written by `python -m tests.campaign.drift`: {draws:,} series a cell, seed {SEED}.",
        "",
        "| noise | points | tolerance | no drift (false) | 1 σ | 2 σ | 3 σ | e-mails per indicator and year "
        "| per lead of 5 indicators |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for noise, memory in NOISES.items():
        for points in POINTS:
            for tolerance in TOLERANCES:
                cells = " | ".join(percent(s) for s in shares(points, tolerance, memory, draws))
                # One message on entering, one on leaving.
                mails = 2 * entering(points, tolerance, memory, draws // 10)
                told = f"{mails:.3f} | {5 * mails:.2f}"
                lines.append(f"| {noise} | {points} | {tolerance} σ | {cells} | {told} |")
    lines += ["", "The same gaps, seen by the rules that others publish:", ""]
    lines += ["| trajectory | rule | on the line (false) | 1 σ | 2 σ | 3 σ |"]
    lines += ["| --- | --- | ---: | ---: | ---: | ---: |"]
    for road in ROADS:
        for rule, alarms in others(road, draws):
            lines.append(f"| {road.name} | {rule} | " + " | ".join(percent(s) for s in alarms) + " |")
    return "\n".join(lines)


def main() -> int:
    """Rewrite the generated part of docs/drift.md."""
    text = PAGE.read_text(encoding="utf-8")
    before, after = text[: text.index(START) + len(START)], text[text.index(END) :]
    PAGE.write_text(f"{before}\n\n{section()}\n\n{after}", encoding="utf-8")
    print(f"Written: {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
