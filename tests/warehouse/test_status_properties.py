"""Properties of a state that hold whatever the trajectory and the figures (trajectory-methods, §12)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.oracle import Case, Trajectory, expected
from tests.warehouse.series import tables

LEVELS = st.integers(-400, 400)  # targets of zero and negative values (net emissions) included
GAPS = st.lists(st.integers(-40, 40), min_size=2, max_size=9)


@st.composite
def cases(draw) -> Case:
    """A straight road between two levels and figures beside it, in hundredths of the road."""
    base = draw(LEVELS)
    target = draw(LEVELS.filter(lambda level: level != base))
    first, gaps = draw(st.integers(2010, 2016)), draw(GAPS)
    line = Trajectory(
        "lineaire", float(target), 2010.0, float(base), 2040.0, tolerance=draw(st.sampled_from([0.0, 0.05]))
    )
    points = tuple(
        (
            float(first + k),
            expected(line, first + k) + gap / 100 * (target - base),
            draw(st.booleans()) or k < len(gaps) - 2,
        )
        for k, gap in enumerate(gaps)
    )
    return Case(points, 1 if target > base else -1, line)


def on_the_line(case: Case) -> Case:
    return replace(case, points=tuple((year, expected(case.trajectory, year), True) for year, _, _ in case.points))


def scaled(case: Case, by: float, sens: int = 1) -> Case:
    """The same series in another unit; with `by` = -1 and `sens` = -1, its mirror."""
    t = case.trajectory
    line = replace(t, cible=t.cible * by, base=t.base * by)
    return replace(
        case, points=tuple((y, v * by, f) for y, v, f in case.points), sens=case.sens * sens, trajectory=line
    )


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(cases(), min_size=25, max_size=40))
def test_line_mirror_and_unit(run_status, drawn) -> None:
    given_cases = {}
    for i, case in enumerate(drawn):
        given_cases |= {f"c{i}": case, f"l{i}": on_the_line(case)}
        given_cases |= {f"u{i}": scaled(case, 1024.0), f"m{i}": scaled(case, -1.0, -1)}
    found = run_status(**tables(given_cases))
    for i in range(len(drawn)):
        row, line = found[f"c{i}"], found[f"l{i}"]
        assert line["etat"] in ("sur_trajectoire", "en_avance", "atteint")
        assert line["retard_trajectoire"] == pytest.approx(0, abs=0.005)
        assert line["part_chemin"] == pytest.approx(line["part_chemin_attendue"], abs=1e-6)
        for other in (found[f"u{i}"], found[f"m{i}"]):
            assert (other["etat"], other["raison"]) == (row["etat"], row["raison"])
            for name in ("ecart_norm", "retard_trajectoire", "part_chemin", "arrivee_annee", "arrivee_au_plus_tard"):
                assert other[name] == pytest.approx(row[name], abs=1e-5), name
