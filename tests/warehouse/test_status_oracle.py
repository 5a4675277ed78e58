"""`fct_status` against an independent oracle, its properties (§12), and its error rates on simulated series."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace

import pytest

from tests.warehouse.oracle import Case, Trajectory, expected, judge
from tests.warehouse.series import random_case, tables


def test_fct_status_agrees_with_the_oracle(run_status):
    rnd = random.Random(int(os.environ.get("CAMPAGNE_TIRAGE", "20441")))  # `make campaign` draws many others
    cases = {f"c{i:04d}": random_case(rnd) for i in range(3000)}
    found = run_status(**tables(cases))
    seen: dict[str, int] = {}
    for name, case in cases.items():
        row, wanted = found[name], judge(case)
        assert (row["etat"], row["raison"]) == (wanted.etat, wanted.raison), (case, row)
        seen[wanted.raison] = seen.get(wanted.raison, 0) + 1
        if not wanted.numbers:
            assert row["attendu"] is None and row["ecart"] is None, case
            continue
        pairs = {
            "ecart_norm": (row["ecart_norm"], 1e-5),
            "marge": (row["marge"], 1e-5),
            "ecart": (row["ecart"], 1e-5),
            "retard": (row["retard_trajectoire"], 0.006),
            "part_chemin": (row["part_chemin"], 1e-5),
            "part_chemin_attendue": (row["part_chemin_attendue"], 1e-5),
        }
        if wanted.etat != "atteint":
            pairs["arrivee"] = (row["arrivee_annee"], 0.06)
            pairs["arrivee_au_plus_tot"] = (row["arrivee_au_plus_tot"], 0.06)
            pairs["arrivee_au_plus_tard"] = (row["arrivee_au_plus_tard"], 0.06)
        for key, (value, precision) in pairs.items():
            assert value == pytest.approx(wanted.numbers[key], abs=precision), (key, case, row)
    # The draw reached every branch that a series can reach: no agreement by absence.
    assert set(seen) == {
        "aucune_donnee",
        "echelle_absente",
        "rupture",
        "annee_hors_trajectoire",
        "moins_de_deux_points",
        "cible_atteinte",
        "deux_annees",
        "derniere_annee",
        "derniere_annee_definitive",
        "provisoire",
        "mieux_que_la_marge",
        "dans_la_marge",
        "comparateur_absent",
        "cumul_incomplet",
        "moins_de_quatre_points",
        "sens_contraire",
        "sens_contraire_provisoire",
        "sens_tenu",
    }, seen
    print(f"\n{len(cases)} séries comparées à l'oracle : {dict(sorted(seen.items()))}")


def test_mirror_unit_and_line(run_status):
    """A mirrored direction gives the mirrored state, a change of unit changes nothing, the line is never worse."""
    rnd = random.Random(7)
    cases: dict[str, Case] = {}
    bases = [random_case(rnd) for _ in range(400)]
    for i, case in enumerate(bases):
        t = case.trajectory
        cases[f"a{i}"] = case
        k = 1024.0  # a power of two: scaling is exact
        cases[f"u{i}"] = replace(
            case,
            points=tuple((y, v * k, f) for y, v, f in case.points),
            bornes=tuple(b * k for b in case.bornes) if case.bornes else None,
            comparateur=tuple((y, v * k) for y, v in case.comparateur),
            revision=None if case.revision is None else case.revision * k,
            trajectory=replace(
                t,
                cible=t.cible * k,
                base=None if t.base is None else t.base * k,
                jalons=t.jalons if t.forme == "division" else tuple((y, v * k) for y, v in t.jalons),
                echelle=None if t.echelle is None else t.echelle * k,
            ),
        )
        if t.forme not in ("geometrique", "budget_cumule", "division"):
            cases[f"m{i}"] = replace(
                case,
                sens=-case.sens,
                points=tuple((y, -v, f) for y, v, f in case.points),
                bornes=(-case.bornes[1], -case.bornes[0]) if case.bornes else None,
                comparateur=tuple((y, -v) for y, v in case.comparateur),
                trajectory=replace(
                    t,
                    cible=-t.cible,
                    base=None if t.base is None else -t.base,
                    jalons=tuple((y, -v) for y, v in t.jalons),
                ),
            )
        # On the line: a pace is held year by year, a gap needs its comparison territory, a direction has no line.
        if t.base_annee is not None and t.forme not in ("paliers", "rythme", "convergence"):
            years = [y for y in range(int(t.base_annee), 2026) if expected(t, y) is not None]
            cases[f"l{i}"] = replace(
                case, rupture=None, bornes=None, points=tuple((float(y), expected(t, y), True) for y in years)
            )
    found = run_status(**tables(cases))
    compared = 0
    for name, row in found.items():
        twin = found["a" + name[1:]]
        if name[0] in "um":
            assert (row["etat"], row["raison"]) == (twin["etat"], twin["raison"]), cases[name]
            assert row["retard_trajectoire"] == twin["retard_trajectoire"], cases[name]
            compared += 1
        if name[0] == "l":
            assert row["etat"] not in ("a_surveiller", "derive"), cases[name]
            if row["etat"] in ("sur_trajectoire", "en_avance") and not cases[name].trajectory.jalons:
                assert row["retard_trajectoire"] in (None, pytest.approx(0, abs=0.005)), cases[name]
            compared += 1
    assert compared > 800


@pytest.mark.parametrize(("drift", "low", "high"), [(0, 0.0, 0.055), (2, 0.68, 0.80), (3, 0.93, 1.0)])
def test_error_rates_of_derive(run_status, drift, low, high):
    """§12: tolerance 0, 8 yearly points; false `derive` ≤ 5.5 %, 2σ drifts caught ≥ 68 %, 3σ ≥ 93 %."""
    rnd = random.Random(2044 + drift)
    t = Trajectory("lineaire", 0.0, 2010.0, 1000.0, 2050.0, tolerance=0.0)
    cases = {}
    for i in range(8000):
        points = [
            (2017.0 + j, expected(t, 2017 + j) + 10 * (rnd.gauss(0, 1) + (drift if j >= 6 else 0)), True)
            for j in range(8)
        ]
        cases[f"s{i:05d}"] = Case(tuple(points), -1, t)
    found = run_status(**tables(cases))
    share = sum(row["etat"] == "derive" for row in found.values()) / len(found)
    print(f"\nécart de {drift} σ : {100 * share:.1f} % de « derive » sur {len(found)} séries")
    assert low <= share <= high


def test_details_hold_every_number(run_status):
    """The JSON beside a state is enough to redo it: the oracle, fed with it, gives the same state."""
    rnd = random.Random(99)
    cases = {f"d{i}": random_case(rnd) for i in range(300)}
    checked = 0
    for name, row in run_status(**tables(cases)).items():
        details = json.loads(row["details"])
        if details["comparaison"] is None or details["trajectoire"]["forme"] in ("paliers", "convergence", "rythme"):
            continue
        t = cases[name].trajectory
        told = details["trajectoire"]
        again = Case(
            tuple((float(p["periode"]), p["valeur"], p["statut"] == "definitif") for p in details["serie"]),
            cases[name].sens,
            Trajectory(
                told["forme"],
                told["cible_valeur"],
                t.base_annee,
                told["base_valeur"],
                told["cible_annee"],
                t.jalons,
                told["tolerance"],
                told["echelle"],
            ),
            None,
            (details["observation"]["borne_basse"], details["observation"]["borne_haute"])
            if details["observation"]["borne_basse"] is not None
            else None,
            (),
            (details["comparaison"]["marge_revision"] or 0.0) * told["echelle"],
        )
        assert judge(again).etat == row["etat"], (cases[name], details)
        assert details["comparaison"]["marge"] == row["marge"]
        checked += 1
    assert checked > 100
