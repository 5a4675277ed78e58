"""An independent oracle of `fct_status`: the state of a series by the text of trajectory-methods §8, §10 and §12.

Plain Python, written from the method and not from the SQL; it knows no table. Not here: freshness, comparators.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field, replace
from statistics import median


@dataclass(frozen=True)
class Trajectory:
    """A decision: `forme` lineaire | geometrique | budget_cumule | seuil | paliers; a budget starts from zero."""

    forme: str
    cible: float
    base_annee: float | None = None
    base: float | None = None
    cible_annee: float | None = None
    jalons: tuple[tuple[float, float], ...] = ()
    tolerance: float | None = None
    echelle: float | None = None


@dataclass(frozen=True)
class Case:
    """A series to judge: points (year, value, final?), in year order; `sens` +1 when a rise is wanted, -1 a fall."""

    points: tuple[tuple[float, float, bool], ...]
    sens: int
    trajectory: Trajectory
    rupture: float | None = None
    bornes: tuple[float, float] | None = None


@dataclass
class Verdict:
    etat: str
    raison: str
    numbers: dict[str, float | None] = field(default_factory=dict)


def curve(t: Trajectory) -> list[tuple[float, float]]:
    """Joints of the curve, in year order."""
    start = 0.0 if t.forme == "budget_cumule" else t.base
    inside = [(a, v) for a, v in t.jalons if t.base_annee < a < t.cible_annee]
    return sorted([(t.base_annee, start), *inside, (t.cible_annee, t.cible)])


def expected(t: Trajectory, year: float) -> float | None:
    """T(year): None before the trajectory starts, and after the end of a budget."""
    if t.forme == "seuil":
        return t.cible if t.base_annee is None or year >= t.base_annee else None
    joints = curve(t)
    if year < joints[0][0]:
        return None
    if year >= joints[-1][0]:
        return joints[-1][1] if t.forme != "budget_cumule" or year == joints[-1][0] else None
    for (a1, v1), (a2, v2) in itertools.pairwise(joints):
        if a1 <= year < a2:
            share = (year - a1) / (a2 - a1)
            if t.forme == "paliers":
                return v1
            if t.forme == "geometrique":
                return v1 * math.exp(share * math.log(v2 / v1))
            return v1 * (1 - share) + v2 * share
    raise AssertionError("a year inside a curve has a segment")


def scale(t: Trajectory) -> float:
    if t.echelle is not None:
        return t.echelle
    return abs(t.cible) if t.forme in ("seuil", "budget_cumule") else abs(t.cible - t.base)


def noise(case: Case, residuals: list[tuple[float, float]], first_judged: float) -> float | None:
    """σ̂ on the residuals before the judged years, from 5 points; else the published bounds; else None."""
    if len(residuals) >= 5:
        values = [r for _, r in residuals]
        if case.trajectory.forme == "budget_cumule":
            values = [b - a for a, b in zip([0.0, *values], values, strict=False)]
        before = [v for (year, _), v in zip(residuals, values, strict=True) if year < first_judged]
        ranges = [abs(b - a) for a, b in itertools.pairwise(before)]
        if ranges:
            return sum(ranges) / len(ranges) / 1.128
    if case.bornes:
        return (case.bornes[1] - case.bornes[0]) / (2 * 1.959964) / scale(case.trajectory)
    return None


def judge(case: Case) -> Verdict:
    """State, reason and numbers of a series (§12)."""
    t = case.trajectory
    kept = [p for p in case.points if case.rupture is None or p[0] >= case.rupture]
    if not case.points:
        return Verdict("non_evaluable", "aucune_donnee")
    size = scale(t)
    if size <= 0:
        return Verdict("non_evaluable", "echelle_absente")
    if case.rupture is not None and t.base_annee is not None and t.base_annee < case.rupture <= case.points[-1][0]:
        return Verdict("non_evaluable", "rupture")
    compared = [
        (year, value, final, -case.sens * (value - expected(t, year)) / size)
        for year, value, final in kept
        if expected(t, year) is not None
    ]
    last_year, last_value, last_final = case.points[-1]
    if not compared or compared[-1][0] != last_year:
        return Verdict("non_evaluable", "annee_hors_trajectoire")
    if len(compared) < 2:
        return Verdict("non_evaluable", "moins_de_deux_points")
    finals = [p for p in compared if p[2]]
    judged = [compared[-1][0], compared[-2][0], *(p[0] for p in finals[-2:])]
    sigma = noise(case, [(p[0], p[3]) for p in compared], min(judged))
    margin = max(0.05 if t.tolerance is None else t.tolerance, sigma or 0.0)
    gap = compared[-1][3]
    numbers = {
        "ecart_norm": gap,
        "marge": margin,
        "ecart": last_value - expected(t, last_year),
        "retard": delay(case, last_year, last_value),
        "arrivee": arrival(case, kept, last_year, last_value),
    }
    met = case.sens * (last_value - t.cible) >= 0
    if met and (t.forme != "budget_cumule" or last_year >= t.cible_annee):
        return Verdict("atteint", "cible_atteinte", numbers)
    limit = margin + 1e-9
    if len(finals) >= 2 and finals[-1][3] > limit and finals[-2][3] > limit:
        return Verdict("derive", "deux_annees", numbers)
    if gap > limit:
        return Verdict("a_surveiller", "derniere_annee" if last_final else "provisoire", numbers)
    if not last_final and finals and finals[-1][3] > limit:
        return Verdict("a_surveiller", "derniere_annee_definitive", numbers)
    if gap < -limit:
        return Verdict("en_avance", "mieux_que_la_marge", numbers)
    return Verdict("sur_trajectoire", "dans_la_marge", numbers)


def delay(case: Case, year: float, value: float) -> float | None:
    """Years late (> 0) by the time distance (§8), by bisection on each stretch; None when it has no meaning."""
    t = case.trajectory
    if t.forme in ("seuil", "paliers"):
        return None
    joints = curve(t)
    steps = [b[1] - a[1] for a, b in itertools.pairwise(joints)]
    if all(s == 0 for s in steps) or (any(s > 0 for s in steps) and any(s < 0 for s in steps)):
        return None
    rising = 1 if joints[-1][1] > joints[0][1] else -1
    sign = case.sens * rising
    if (value - joints[-1][1]) * rising > 0:
        due = joints[-1][0]
    elif (value - joints[0][1]) * rising < 0:
        due = joints[0][0]
    else:
        dates = []
        for (a1, v1), (a2, v2) in itertools.pairwise(joints):
            if v1 == v2 == value:
                dates += [a1, a2]
            elif v1 != v2 and min(v1, v2) <= value <= max(v1, v2):
                dates.append(_bisect(replace(t, jalons=()), (a1, v1), (a2, v2), value))
        due = max(dates) if sign > 0 else min(dates)
    return sign * (year - due)


def _bisect(t: Trajectory, start: tuple[float, float], end: tuple[float, float], value: float) -> float:
    piece = Trajectory("geometrique" if t.forme == "geometrique" else "lineaire", end[1], start[0], start[1], end[0])
    low, high, rising = start[0], end[0], end[1] > start[1]
    for _ in range(200):
        middle = (low + high) / 2
        if (expected(piece, middle) < value) == rising:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def arrival(case: Case, kept: list[tuple[float, float, bool]], year: float, value: float) -> float | None:
    """Year at which the recent Theil–Sen slope (last 5 to 7 points) reaches the target; None when it never does."""
    t = case.trajectory
    recent = [(a, v) for a, v, _ in kept][-7:]
    if t.forme == "budget_cumule" or len(recent) < 5 or case.sens * (value - t.cible) >= 0:
        return None
    slope = median((v2 - v1) / (a2 - a1) for i, (a1, v1) in enumerate(recent) for a2, v2 in recent[i + 1 :])
    if slope * case.sens <= 0 or (t.cible - value) / slope > 200:
        return None
    return year + (t.cible - value) / slope
