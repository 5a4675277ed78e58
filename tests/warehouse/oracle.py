"""An independent oracle of `fct_status`: the state of a series by the text of trajectory-methods §8, §10 and §12.

Plain Python, written from the method and not from the SQL; it knows no table. Not here: freshness, comparators.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field, replace
from functools import cache
from statistics import median

NIGHT = 2026  # year of the night of the tests: up to it a pace without an end is drawn
CEILINGS = ("budget_cumule", "division")
CUMULATIVE = (*CEILINGS, "cumul_lineaire", "rythme")


@dataclass(frozen=True)
class Trajectory:
    """A decision. `cible`: a level; of a `rythme` what is due each year; of a `convergence` the gap at the end
    (`cible_annee` None: only a direction). `jalons`: points in between; of a `division` (last year, divisor) by
    stretch, `base` being the yearly pace that is divided. A `sens` has no number. A budget starts from zero."""

    forme: str
    cible: float = 0.0
    base_annee: float | None = None
    base: float | None = None
    cible_annee: float | None = None
    jalons: tuple[tuple[float, float], ...] = ()
    tolerance: float | None = None
    echelle: float | None = None


@dataclass(frozen=True)
class Case:
    """A series to judge: points (year, value, final?), in year order; `sens` +1 when a rise is wanted, -1 a fall.
    `comparateur`: the other territory's (year, value); `revision`: mean absolute revision, in the unit."""

    points: tuple[tuple[float, float, bool], ...]
    sens: int
    trajectory: Trajectory
    rupture: float | None = None
    bornes: tuple[float, float] | None = None
    comparateur: tuple[tuple[float, float], ...] = ()
    revision: float | None = None


@dataclass
class Verdict:
    etat: str
    raison: str
    numbers: dict[str, float | None] = field(default_factory=dict)


def curve(t: Trajectory) -> list[tuple[float, float]]:
    """Joints of the curve, in year order."""
    if t.forme == "rythme":
        first, last = t.base_annee - 1, t.cible_annee or max(NIGHT, t.base_annee)
        return [(first, 0.0), (last, t.cible * (last - first))]
    if t.forme == "division":
        joints = [(t.base_annee, 0.0)]
        for year, divisor in t.jalons:
            joints.append((year, joints[-1][1] + t.base / divisor * (year - joints[-1][0])))
        return joints
    start = 0.0 if t.forme == "budget_cumule" else t.base
    inside = [(a, v) for a, v in t.jalons if t.base_annee < a < t.cible_annee]
    return sorted([(t.base_annee, start), *inside, (t.cible_annee, t.cible)])


def expected(t: Trajectory, year: float) -> float | None:
    """T(year): None before the trajectory starts, and after the end of a ceiling or of a pace that has one."""
    if t.forme == "seuil":
        return t.cible if t.base_annee is None or year >= t.base_annee else None
    if t.forme == "rythme":
        done = year - t.base_annee + 1
        return None if done < 0 or (t.cible_annee is not None and year > t.cible_annee) else t.cible * done
    joints = curve(t)
    if year < joints[0][0]:
        return None
    if year >= joints[-1][0]:
        return joints[-1][1] if t.forme not in CEILINGS or year == joints[-1][0] else None
    for (a1, v1), (a2, v2) in itertools.pairwise(joints):
        if a1 <= year < a2:
            share = (year - a1) / (a2 - a1)
            if t.forme == "paliers":
                return v1
            if t.forme == "geometrique":
                return v1 * math.exp(share * math.log(v2 / v1))
            return v1 * (1 - share) + v2 * share
    raise AssertionError("a year inside a curve has a segment")


def target(t: Trajectory) -> float:
    """The value that ends the road: the whole ceiling of a division, else what is written."""
    return curve(t)[-1][1] if t.forme == "division" else t.cible


def scale(t: Trajectory, last_year: float | None = None) -> float:
    if t.forme == "rythme":
        years = last_year - t.base_annee + 1 if last_year is not None and last_year >= t.base_annee else 1
        return (t.echelle or abs(t.cible)) * years
    if t.echelle is not None:
        return t.echelle
    return abs(target(t)) if t.forme in ("seuil", *CEILINGS) else abs(t.cible - t.base)


def judged_values(case: Case) -> list[tuple[float, float | None, bool]]:
    """What is compared each year after the break: the figure, its gap to the other territory, or the total."""
    t, other = case.trajectory, dict(case.comparateur)
    kept = [p for p in case.points if case.rupture is None or p[0] >= case.rupture]
    if t.forme == "convergence":
        return [(y, round(v - other[y], 6) if y in other else None, f) for y, v, f in kept]
    if t.forme != "rythme":
        return kept
    out, known = [], {y: v for y, v, _ in kept}
    for year, _, final in kept:
        years = [t.base_annee + k for k in range(int(year - t.base_annee) + 1)]
        whole = bool(years) and all(y in known for y in years)
        out.append((year, sum(known[y] for y in years) if whole else None, final))
    return out


def noise(case: Case, residuals: list[tuple[float, float]], first_judged: float) -> float | None:
    """σ̂ on the residuals before the judged years, from 5 points; else the published bounds; else None."""
    if len(residuals) >= 5:
        values = [r for _, r in residuals]
        if case.trajectory.forme in CUMULATIVE:
            values = [b - a for a, b in zip([0.0, *values], values, strict=False)]
        before = [v for (year, _), v in zip(residuals, values, strict=True) if year < first_judged]
        ranges = [abs(b - a) for a, b in itertools.pairwise(before)]
        if ranges:
            return sum(ranges) / len(ranges) / 1.128
    if case.bornes:
        return (case.bornes[1] - case.bornes[0]) / (2 * 1.959964) / scale(case.trajectory, case.points[-1][0])
    return None


def judge(case: Case) -> Verdict:
    """State, reason and numbers of a series (§12)."""
    t = case.trajectory
    if not case.points:
        return Verdict("non_evaluable", "aucune_donnee")
    kept = judged_values(case)
    last_year, last_value, last_final = kept[-1]
    if t.forme == "sens" or (t.forme == "convergence" and t.cible_annee is None):
        return direction(case.sens, kept)
    size = scale(t, last_year)
    if size <= 0:
        return Verdict("non_evaluable", "echelle_absente")
    if case.rupture is not None and t.base_annee is not None and t.base_annee < case.rupture <= case.points[-1][0]:
        return Verdict("non_evaluable", "rupture")
    compared = [
        (year, value, final, -case.sens * (value - expected(t, year)) / size)
        for year, value, final in kept
        if value is not None and expected(t, year) is not None
    ]
    if not compared or compared[-1][0] != last_year:
        if t.forme == "convergence" and last_year >= t.base_annee:
            return Verdict("non_evaluable", "comparateur_absent")
        if t.forme == "rythme" and t.base_annee <= last_year <= (t.cible_annee or last_year):
            return Verdict("non_evaluable", "cumul_incomplet")
        return Verdict("non_evaluable", "annee_hors_trajectoire")
    if len(compared) < 2:
        return Verdict("non_evaluable", "moins_de_deux_points")
    finals = [p for p in compared if p[2]]
    judged = [compared[-1][0], compared[-2][0], *(p[0] for p in finals[-2:])]
    sigma = noise(case, [(p[0], p[3]) for p in compared], min(judged))
    margin = max(0.05 if t.tolerance is None else t.tolerance, sigma or 0.0, (case.revision or 0.0) / size)
    gap = compared[-1][3]
    numbers = {
        "ecart_norm": gap,
        "marge": margin,
        "ecart": last_value - expected(t, last_year),
        "retard": delay(case, last_year, last_value),
        **arrival(case, kept),
        **road(t, last_year, last_value),
    }
    met = case.sens * (last_value - target(t)) >= 0
    if t.forme in CEILINGS:
        met = met and last_year >= curve(t)[-1][0]
    if t.forme == "rythme":
        met = t.cible_annee is not None and last_year >= t.cible_annee and gap <= 0
    if met:
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


def direction(sens: int, kept: list[tuple[float, float | None, bool]]) -> Verdict:
    """A way to go without a level: the last three figures all worse than the one before, or not."""
    if sum(value is not None for _, value, _ in kept) < 4:
        return Verdict("non_evaluable", "moins_de_quatre_points")
    last = kept[-4:]
    worse = [
        a is not None and b is not None and sens * (b - a) < -1e-9
        for (_, a, _), (_, b, _) in itertools.pairwise(last)
    ]
    if len(worse) == 3 and all(worse):
        return Verdict("a_surveiller", "sens_contraire" if all(p[2] for p in last) else "sens_contraire_provisoire")
    return Verdict("sur_trajectoire", "sens_tenu")


def road(t: Trajectory, year: float, value: float) -> dict[str, float | None]:
    """Share of the road done, and due, between the start of the curve and its target."""
    if t.forme in ("seuil", "rythme"):
        return {"part_chemin": None, "part_chemin_attendue": None}
    start, end = (0.0, target(t)) if t.forme in CEILINGS else (t.base, t.cible)
    if start == end:
        return {"part_chemin": None, "part_chemin_attendue": None}
    due = expected(t, year)
    return {"part_chemin": (value - start) / (end - start), "part_chemin_attendue": (due - start) / (end - start)}


@cache
def left_out(n: int) -> int:
    """Rank of the slope of `n` points, from either end, that bounds a 90 % interval at least: by the exact law of the
    number of inversions of a random order (Kendall), counted over every order."""
    counts: dict[int, int] = {}
    for order in itertools.permutations(range(n)):
        inversions = sum(a > b for a, b in itertools.combinations(order, 2))
        counts[inversions] = counts.get(inversions, 0) + 1
    below, k = 0, 0
    while 1 - 2 * (below + counts.get(k, 0)) / math.factorial(n) >= 0.90:
        below += counts.get(k, 0)
        k += 1
    return k


def arrival(case: Case, kept: list[tuple[float, float | None, bool]]) -> dict[str, float | None]:
    """Years at which the recent pace (Theil–Sen, last 5 to 7 points) reaches the target, and its 90 % bounds."""
    t = case.trajectory
    never = {"arrivee": None, "arrivee_au_plus_tot": None, "arrivee_au_plus_tard": None}
    recent = [(a, v) for a, v, _ in kept[-7:] if v is not None]
    if t.forme in (*CEILINGS, "rythme") or len(recent) < 5:
        return never
    year, value = recent[-1]
    left = case.sens * (t.cible - value)
    if left <= 0:
        return never
    slopes = sorted(
        case.sens * (v2 - v1) / (a2 - a1) for i, (a1, v1) in enumerate(recent) for a2, v2 in recent[i + 1 :]
    )
    k = left_out(len(recent)) - 1

    def when(slope: float) -> float | None:
        return year + left / slope if slope > 0 and left / slope <= 200 else None

    return {
        "arrivee": when(median(slopes)),
        "arrivee_au_plus_tot": when(slopes[len(slopes) - 1 - k]),
        "arrivee_au_plus_tard": when(slopes[k]),
    }
