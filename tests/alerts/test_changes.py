"""Which changes go to leads, and why the others do not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from flows.alerts.changes import ENTERS, LEAVES, REACHES, Held, kind_of, select_changes
from flows.core.words import Etat
from tests.tiny_release import tiny_release

SLUG = "consommation_enaf"
STATES = st.sampled_from(list(Etat))


@forall(STATES, STATES)
def test_only_three_kinds_of_change_are_told(before, after):
    kind = kind_of(before, after)
    if before == after:
        assert kind is None
    elif after == Etat.DERIVE:
        assert kind == ENTERS
    elif after == Etat.ATTEINT:
        assert kind == REACHES
    elif before == Etat.DERIVE and after in (Etat.SUR_TRAJECTOIRE, Etat.EN_AVANCE, Etat.A_SURVEILLER):
        assert kind == LEAVES
    else:
        assert kind is None


def only(slug=SLUG, **status):
    """Changes of one indicator; `status` overrides its row."""
    return {
        "fct_status_change": lambda rows: [r for r in rows if r["indicateur"] == slug],
        "fct_status": lambda rows: [{**r, **status} if r["indicateur"] == slug else r for r in rows],
    }


def outcome(**tables):
    told, kept = select_changes(tiny_release(**tables))
    return [c.indicateur for c in told], {k.indicateur: (k.raison, k.hold) for k in kept}


def last_figure(rows, **change):
    """The figure that is judged: the running total, since the trajectory is a budget."""
    return [
        {**r, **change}
        if (r["indicateur"], r["territoire_niveau"], r["periode"], r["ventilation"])
        == (SLUG, "epci", "2024", "cumul")
        else r
        for r in rows
    ]


def test_a_settled_drift_is_told():
    assert outcome(**only()) == ([SLUG], {})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"statut": "provisoire"}, "provisoire"),
        ({"statut": "estime"}, "provisoire"),
        ({"perime_depuis": __import__("datetime").date(2026, 11, 17)}, "depuis le 17/11/2026"),
    ],
)
def test_a_figure_that_is_not_settled_is_held(change, words):
    told, kept = outcome(**only(), fct_observation=lambda rows: last_figure(rows, **change))
    assert told == []
    assert words in kept[SLUG][0]
    assert kept[SLUG][1] is True


def test_late_update_is_held():
    told, kept = outcome(**only(a_actualiser=True))
    assert told == [] and kept[SLUG][1]


def test_no_trajectory_is_not_held():
    told, kept = outcome(**only(trajectoire=None))
    assert told == [] and kept[SLUG] == ("aucune trajectoire n’est fixée", False)


def check(resultat, **more):
    row = {
        "portee": "edition",
        "suite": "cerema__consommation_enaf",
        "regle": "enaf_positive",
        "resultat": resultat,
        "exemples": "[]",
        "indicateurs": [SLUG],
    }
    return {**row, **more}


@pytest.mark.parametrize("resultat", ["a_revoir", "bloquant", "erreur"])
def test_a_failed_check_of_the_edition_behind_the_figure_holds(resultat):
    edition = tiny_release().table("fct_observation").to_pylist()
    used = next(r["editions"][0] for r in edition if r["indicateur"] == SLUG)
    told, kept = outcome(**only(), fct_check=[check(resultat, edition=used)])
    assert told == [] and "enaf_positive" in kept[SLUG][0]
    assert outcome(**only(), fct_check=[check(resultat, edition="autre")])[0] == [SLUG]
    assert outcome(**only(), fct_check=[check("deroge", edition=used), check("passe", edition=used, regle="b")])[
        0
    ] == [SLUG]


def test_a_rule_on_the_candidate_holds_only_the_indicators_it_names():
    one = check("a_revoir", portee="candidat", suite="candidat", indicateurs=[])
    named = {**one, "exemples": json.dumps([{"indicateur": SLUG}])}
    other = {**one, "exemples": json.dumps([{"indicateur": "population"}])}
    assert outcome(**only(), fct_check=[named])[0] == []
    assert outcome(**only(), fct_check=[other])[0] == [SLUG]


@pytest.mark.parametrize(("period", "told"), [("2020", True), ("2022", False), ("2024", False), ("2025", True)])
def test_a_break_between_the_start_of_the_trajectory_and_the_figure_holds(period, told):
    rupture = [{"indicateur": SLUG, "periode": period, "motif": "m"}]
    assert (outcome(**only(), dim_rupture=rupture)[0] == [SLUG]) is told


def test_first_release_tells_no_change():
    told, kept = outcome(fct_status_change=lambda rows: [{**r, "premiere": True} for r in rows])
    assert (told, kept) == ([], {})


def test_a_held_change_is_told_once_its_reason_lifts_and_dropped_once_the_state_moved():
    quiet = tiny_release(fct_status_change=[])
    told, _ = select_changes(quiet, [Held(SLUG, "a_surveiller", "derive")])
    assert [(c.indicateur, c.kind, c.etat_avant) for c in told] == [(SLUG, ENTERS, "a_surveiller")]
    assert select_changes(quiet, [Held(SLUG, "sur_trajectoire", "atteint")]) == ([], [])


def test_leaving_derive_without_any_state_is_not_a_return():
    tables = only(etat="non_evaluable")
    tables["fct_status_change"] = lambda rows: [
        {**r, "etat_avant": "derive", "etat_apres": "non_evaluable"} for r in rows if r["indicateur"] == SLUG
    ]
    told, kept = outcome(**tables)
    assert told == [] and "retour" in kept[SLUG][0]
