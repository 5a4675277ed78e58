"""The simulation behind docs/drift.md: its rule is that of the SQL, its promises hold, its page is what it writes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.campaign import drift
from tests.warehouse.oracle import Case, Trajectory
from tests.warehouse.series import tables


@pytest.mark.parametrize("tolerance", [0.0, 0.01])
def test_the_simulated_rule_is_that_of_the_sql(run_status, tolerance):
    cases, wanted = {}, {}
    for points in drift.POINTS:
        e = drift.residuals(np.random.default_rng(points), 250, points, 0.5, 1.0)
        first = 2026 - points
        trajectory = Trajectory("lineaire", 0.0, 2010.0, 1000.0, 2050.0, tolerance=tolerance)
        for i, (row, late) in enumerate(zip(e, drift.drifting(e, tolerance / 0.01), strict=True)):
            # A hundredth of the road is one σ; a fall is wanted, so what is worse is above the line.
            series = [(float(first + k), 1000 - 25 * (first + k - 2010) + 10 * x, True) for k, x in enumerate(row)]
            name = f"n{points}-{i}"
            cases[name], wanted[name] = Case(tuple(series), -1, trajectory), bool(late)
    found = run_status(**tables(cases))
    differing = [name for name, row in found.items() if (row["etat"] == "derive") != wanted[name]]
    assert not differing
    assert 100 < sum(wanted.values()) < 900


def test_the_promises_of_the_method_hold():
    false, _, two, three = drift.shares(8, 0, 0.0, draws=100_000)
    assert false <= 0.055 and two >= 0.68 and three >= 0.93
    roads = {road.sense: dict(drift.others(road, draws=20_000)) for road in drift.ROADS}
    limited = "growth-rate ratio < 60 % (limited progress or worse)"
    assert roads[-1][limited][0] > 0.5  # a fall on its line is called late
    assert roads[1][limited][3] < 0.05  # a rise three σ late is not seen


def test_the_page_shows_what_the_simulation_gives():
    """Cells of docs/drift.md against a tenth of its draws: within five standard errors."""
    text = drift.PAGE.read_text(encoding="utf-8")
    told = re.findall(r"^\| (independent|AR\(1\) 0\.5) \| (\d+) \| (\d) σ \| ([\d.]+) %", text, flags=re.MULTILINE)
    assert len(told) == len(drift.NOISES) * len(drift.POINTS) * len(drift.TOLERANCES)
    for noise, points, tolerance, false in told[::5]:
        draws = drift.DRAWS // 10
        again = drift.shares(int(points), int(tolerance), drift.NOISES[noise], draws)[0]
        error = np.sqrt(max(again * (1 - again), 1e-4) / draws)
        assert abs(float(false) / 100 - again) < 5 * error + 0.0006, (noise, points, tolerance)
