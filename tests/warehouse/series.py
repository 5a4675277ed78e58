"""Random series to judge, and the rows that the status models read of them.

Not here: judging them (tests.warehouse.oracle, from the text of the method; fct_status, in SQL).
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from tests.warehouse.oracle import CEILINGS, Case, Trajectory, expected, scale

SHAPES = (
    *("lineaire", "geometrique", "budget_cumule", "seuil", "paliers", "compte_cible", "cumul_lineaire", "division"),
    *("rythme", "convergence", "sens"),
)
LEVEL, CODE = "epci", "200042190"


def indicator_row(name: str, sens: int) -> dict[str, Any]:
    return {
        "indicateur": name,
        "unite": "u",
        "unite_courte": "u",
        "decimales": 2,
        "polarite": "hausse" if sens > 0 else "baisse",
        "contexte": False,
        "calcule": True,
        "raison": "",
        "periode_mois": 12,
        "delai_mois": 480,
        "territoire_niveau": LEVEL,
        "territoire_code": CODE,
    }


def tables(cases: dict[str, Case]) -> dict[str, list[dict[str, Any]]]:
    """Cases as the rows that the status models read."""
    out: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("indicators", "observations", "trajectories", "breaks", "revisions")
    }
    for name, case in cases.items():
        t = case.trajectory
        out["indicators"].append(indicator_row(name, case.sens))
        ventilation = f"cumul_{int(t.base_annee) + 1}" if t.forme in CEILINGS else ""
        compared = t.forme == "convergence"
        out["observations"] += [
            {
                "indicateur": name,
                "territoire_niveau": "france",
                "territoire_code": "F",
                "periode": str(int(year)),
                "annee": float(year),
                "ventilation": "",
                "valeur": value,
                "statut": "definitif",
            }
            for year, value in case.comparateur
        ]
        for i, (year, value, final) in enumerate(case.points):
            bounds = case.bornes if case.bornes and i == len(case.points) - 1 else (None, None)
            out["observations"].append(
                {
                    "indicateur": name,
                    "territoire_niveau": LEVEL,
                    "territoire_code": CODE,
                    "periode": str(int(year)),
                    "annee": float(year),
                    "ventilation": ventilation,
                    "valeur": value,
                    "borne_basse": bounds[0],
                    "borne_haute": bounds[1],
                    "statut": "definitif" if final else "provisoire",
                }
            )
        out["trajectories"].append(
            {
                "trajectoire": f"t-{name}",
                "indicateur": name,
                "territoire_niveau": LEVEL,
                "territoire_code": CODE,
                "forme": t.forme,
                "base_annee": t.base_annee,
                # The base of a budget is its reference total; the oracle only needs the ceiling.
                "base_valeur": 1.0 if t.forme == "budget_cumule" else t.base,
                "cible_valeur": None if t.forme in ("division", "sens") else t.cible,
                "cible_annee": t.cible_annee,
                "points": "|".join(f"{int(a)}:{v!r}" for a, v in t.jalons) or None,
                "tolerance": t.tolerance,
                "echelle": t.echelle,
                "comparateur_niveau": "france" if compared else None,
                "comparateur_code": "F" if compared else None,
            }
        )
        if case.rupture is not None:
            out["breaks"].append({"indicateur": name, "periode": str(int(case.rupture)), "motif": "x"})
        if case.revision is not None:
            out["revisions"].append({"indicateur": name, "revision_absolue_moyenne": case.revision})
    return out


def random_case(rnd: random.Random) -> Case:
    """A series around a trajectory of any shape: noisy, drifting, short, provisional, broken, with bounds or not."""
    forme = rnd.choice(["lineaire", "lineaire", *SHAPES])
    start, length = rnd.randint(2008, 2018), rnd.randint(5, 20)
    base, target = rnd.choice([(100.0, 20.0), (10.0, 50.0), (80.0, 0.0), (5.0, -30.0), (-20.0, 10.0), (30.0, 30.0)])
    if forme == "geometrique":
        base, target = rnd.choice([(100.0, 20.0), (10.0, 50.0)])
    sens = rnd.choice([1, -1]) if base == target or rnd.random() < 0.1 else (1 if target > base else -1)
    jalons: tuple[tuple[float, float], ...] = ()
    if forme in ("lineaire", "paliers", "geometrique") and rnd.random() < 0.5:
        share = rnd.choice([0.0, 0.3, 0.5, 1.0])
        jalons = ((float(start + length // 2), base + share * (target - base)),)
    t = Trajectory(
        forme,
        target,
        float(start),
        base,
        float(start + length),
        jalons,
        rnd.choice([None, 0.0, 0.05, 0.2]),
        rnd.choice([None, None, 40.0]),
    )
    if forme == "budget_cumule":
        t, sens = replace(t, cible=abs(target) + 20.0, base=0.0, jalons=()), -1
    if forme == "seuil":
        t = replace(t, cible=target or 7.0, base=None, cible_annee=None, base_annee=rnd.choice([None, float(start)]))
    if forme == "division":
        steps = tuple((float(start + 5 * k), float(d)) for k, d in enumerate((2, 3, 4, 6), 1))[: rnd.randint(1, 4)]
        t, sens = replace(t, cible=0.0, base=rnd.choice([5.0, 12.5]), jalons=steps, cible_annee=steps[-1][0]), -1
    if forme == "rythme":
        end = rnd.choice([None, float(start + 6), float(start + 30)])
        t, sens = replace(t, cible=rnd.choice([40.0, 210.0]), base=None, jalons=(), cible_annee=end), 1
    if forme == "convergence":
        t, sens = replace(t, base=-20.0, cible=rnd.choice([0.0, -5.0]), jalons=()), 1
        t = replace(t, cible_annee=None) if rnd.random() < 0.3 else t
    if forme == "sens":
        t, sens = Trajectory("sens"), rnd.choice([1, -1])
    first = start + (1 if forme in CEILINGS else rnd.randint(-2, 2))
    size = 20.0 if forme == "sens" else scale(t) or 10.0
    level = dict.fromkeys(range(1990, 2030), 0.0)
    if forme == "convergence":
        level = {year: 60.0 + 0.5 * (year - 2000) + rnd.gauss(0, 1) for year in level}
    drift = rnd.choice([0.0, 0.0, 0.1, 0.3, -0.2])
    # By chance alone three wrong moves in a row are rare: some directions go the wrong way all along.
    adverse = rnd.random() < 0.25 and (forme == "sens" or (forme == "convergence" and t.cible_annee is None))
    points = []
    for i in range(rnd.randint(0, 12)):
        year = first + i
        if year > 2025 or rnd.random() < 0.05:
            continue
        centre = {"rythme": t.cible, "sens": base}.get(forme)
        if centre is None:
            centre = expected(t, year) if t.cible_annee or forme == "seuil" else -20.0
        centre = (base if centre is None else centre) - sens * drift * size * (rnd.random() < 0.6)
        centre -= sens * 0.5 * size * i * adverse
        value = level[year] + centre + rnd.choice([0.0, 0.01, 0.05, 0.2]) * size * rnd.gauss(0, 1)
        points.append((float(year), round(value, 2), True))
    unsettled = rnd.choice([0, 0, 0, 1, 2])
    points = [(y, v, f and i < len(points) - unsettled) for i, (y, v, f) in enumerate(points)]
    bounds = (points[-1][1] - 0.1 * size, points[-1][1] + 0.1 * size) if points and rnd.random() < 0.3 else None
    broken = None
    if len(points) > 2 and rnd.random() < 0.2:
        broken = rnd.choice(points)[0]
    other = ()
    if forme == "convergence":
        other = tuple((float(y), round(v, 2)) for y, v in level.items() if first - 1 <= y and rnd.random() > 0.05)
    revision = rnd.choice([None, None, None, 0.02 * size, 0.15 * size])
    return Case(tuple(points), sens, t, broken, bounds, other, revision)
