"""States of particular series: rolling windows, quarters, estimates, freshness, comparison, several decisions."""

from __future__ import annotations

from typing import Any

from tests.warehouse.series import CODE, LEVEL, indicator_row

BASE = {
    "trajectoire": "t",
    "indicateur": "x",
    "territoire_niveau": LEVEL,
    "territoire_code": CODE,
    "forme": "lineaire",
    "base_valeur": 0.0,
    "base_annee": 2010.0,
    "cible_valeur": 100.0,
    "cible_annee": 2050.0,
}


def figure(periode: str, annee: float, valeur: float | None, **more: Any) -> dict[str, Any]:
    return {
        "indicateur": "x",
        "territoire_niveau": LEVEL,
        "territoire_code": CODE,
        "territoire": "Ici",
        "periode": periode,
        "annee": annee,
        "ventilation": "",
        "valeur": valeur,
        "statut": "definitif" if valeur is not None else "secret",
    } | more


def status(run_status, observations, trajectories=(BASE,), breaks=(), **indicator) -> dict[str, Any]:
    return run_status([indicator_row("x", 1) | indicator], observations, list(trajectories), list(breaks))["x"]


def test_overlapping_census_windows_are_not_two_years(run_status):
    late = [figure(f"{y - 4}/{y}", y, 0.0) for y in (2018, 2019, 2020)]
    assert status(run_status, late)["raison"] == "derniere_annee"
    apart = [figure(f"{y - 4}/{y}", y, 0.0) for y in (2015, 2018, 2020)]
    found = status(run_status, apart)
    assert (found["etat"], found["raison"]) == ("derive", "deux_annees")
    assert "2011 à 2015 et 2016 à 2020" in found["raison_texte"]


def test_quarters_are_judged_with_the_same_quarter(run_status):
    # Second quarters are far beyond the margin; third quarters, the season of the newest figure, follow the line.
    rows = [figure(f"{y}-T2", y + 0.25, 0.0) for y in range(2016, 2025)]
    rows += [figure(f"{y}-T3", y + 0.5, 2.5 * (y + 0.5 - 2010)) for y in range(2016, 2025)]
    found = status(run_status, rows)
    assert (found["etat"], found["periode"]) == ("sur_trajectoire", "2024-T3")
    assert found["raison_texte"].startswith("Au 3e trimestre 2024, ")


def test_an_estimate_is_not_definitive(run_status):
    rows = [figure("2022", 2022, 30.0), figure("2023", 2023, 0.0), figure("2024", 2024, 0.0, statut="estime")]
    assert status(run_status, rows)["raison"] == "provisoire"


def test_secret_figures_are_not_points(run_status):
    rows = [figure("2022", 2022, 30.0), figure("2023", 2023, 32.5), figure("2024", 2024, None)]
    found = status(run_status, rows)
    assert (found["etat"], found["periode"], found["valeur"]) == ("sur_trajectoire", "2023", 32.5)


def test_freshness_flag_then_refusal(run_status):
    rows = [figure(str(y), y, 2.5 * (y - 2010)) for y in range(2015, 2024)]
    fresh = status(run_status, rows, periode_mois=12, delai_mois=30)
    assert (fresh["etat"], fresh["a_actualiser"]) == ("sur_trajectoire", False)
    assert str(fresh["prochaine_attendue"]) == "2027-06-30"
    late = status(run_status, rows, periode_mois=12, delai_mois=18)
    assert (late["etat"], late["a_actualiser"], str(late["prochaine_attendue"])) == (
        "sur_trajectoire",
        True,
        "2026-06-30",
    )
    stale = status(run_status, rows, periode_mois=12, delai_mois=6)
    assert (stale["etat"], stale["raison"], stale["a_actualiser"]) == (
        "non_evaluable",
        "observation_trop_ancienne",
        True,
    )
    assert stale["ecart"] is None and stale["valeur"] == 32.5


def test_years_behind_france(run_status):
    # France falls by a point a year from 20 in 2010; here 11 in 2024 is the level that France had in 2019.
    rows = [figure(str(y), y, 25.0 - (y - 2010)) for y in range(2010, 2025)]
    france = {"territoire_niveau": "france", "territoire_code": "F", "territoire": "France"}
    rows += [figure(str(y), y, 20.0 - (y - 2010), **france) for y in range(2010, 2025)]
    found = status(run_status, rows, (), polarite="baisse")
    assert found["etat"] == "trajectoire_a_fixer"
    assert found["retard_comparateur"] == 5.0
    assert status(run_status, rows, (), polarite="hausse")["retard_comparateur"] is None
    never = [figure("2023", 2023, 90.0), figure("2024", 2024, 90.0), *rows[15:]]
    assert status(run_status, never, (), polarite="baisse")["retard_comparateur"] is None
    assert status(run_status, rows, (), polarite="neutre")["retard_comparateur"] is None


def test_the_newest_decision_in_force_counts(run_status):
    import datetime as dt

    rows = [figure("2023", 2023, 32.5), figure("2024", 2024, 35.0)]
    old = BASE | {"trajectoire": "old", "valide_du": dt.date(2020, 1, 1), "cible_valeur": 400.0}
    new = BASE | {"trajectoire": "new", "valide_du": dt.date(2024, 1, 1)}
    future = BASE | {"trajectoire": "future", "valide_du": dt.date(2030, 1, 1)}
    ended = BASE | {"trajectoire": "ended", "valide_du": dt.date(2025, 1, 1), "valide_au": dt.date(2026, 11, 19)}
    elsewhere = BASE | {"trajectoire": "elsewhere", "territoire_code": "245901160", "valide_du": dt.date(2026, 1, 1)}
    found = status(run_status, rows, (old, new, future, ended, elsewhere))
    assert (found["trajectoire"], found["etat"]) == ("new", "sur_trajectoire")
    assert status(run_status, rows, (future, elsewhere))["etat"] == "trajectoire_a_fixer"


def test_what_lacks_is_said_in_french(run_status):
    rows = [figure("2023", 2023, 32.5), figure("2024", 2024, 35.0)]
    said = status(run_status, rows, (BASE | {"manque": "La valeur de départ et l’échéance.", "cible_annee": None},))
    assert said["raison_texte"] == "L’objectif est incomplet. Il manque : la valeur de départ et l’échéance."
    found = status(run_status, rows, (BASE | {"cible_annee": None},))
    assert (found["etat"], found["raison"]) == ("trajectoire_a_fixer", "trajectoire_incomplete")
    assert found["raison_texte"] == "L’objectif est incomplet. Il manque : l’échéance."


def test_equal_gaps_are_equal_whatever_the_arithmetic(run_status):
    """4.4 − 4.1 is more than 2.2 − 1.9 for a computer: three such steps are no way to go, nor a target missed."""
    gaps = {2020: (4.4, 4.1), 2021: (2.2, 1.9), 2022: (0.7, 0.4), 2023: (16.4, 16.1)}
    assert sorted(gaps.values(), key=lambda pair: pair[1] - pair[0]) == list(gaps.values())  # smaller each year
    rows = [figure(str(y), y, ours) for y, (ours, _) in gaps.items()]
    rows += [
        figure(str(y), y, other, territoire_niveau="france", territoire_code="F", territoire="France")
        for y, (_, other) in gaps.items()
    ]
    convergence = BASE | {"forme": "convergence", "comparateur_niveau": "france", "comparateur_code": "F"}
    direction = convergence | {"base_valeur": None, "base_annee": None, "cible_valeur": 0.0, "cible_annee": None}
    found = status(run_status, rows, (direction,))
    assert (found["etat"], found["raison"]) == ("sur_trajectoire", "sens_tenu")
    reached = convergence | {"base_valeur": 5.0, "base_annee": 2019.0, "cible_valeur": 0.3}
    found = status(run_status, [r for r in rows if r["periode"] < "2022"][::-1], (reached,), polarite="baisse")
    assert (found["etat"], found["raison"]) == ("atteint", "cible_atteinte")


def test_a_break_is_named(run_status):
    rows = [figure(str(y), y, 2.5 * (y - 2010)) for y in range(2015, 2025)]
    broken = {"indicateur": "x", "periode": "2022", "motif": "Nouvelle méthode."}
    found = status(run_status, rows, breaks=(broken,))
    assert (found["etat"], found["raison"]) == ("non_evaluable", "rupture")
    assert found["raison_texte"].endswith("Nouvelle méthode.")
    rebased = BASE | {"base_annee": 2022.0, "base_valeur": 30.0}
    assert status(run_status, rows, (rebased,), (broken,))["etat"] == "sur_trajectoire"
