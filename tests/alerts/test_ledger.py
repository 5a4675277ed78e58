"""The ledger of a release: reasons to write to nobody, calendar of reminders, answers, first release, upgrades."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from flows.alerts.answers import ANSWER, CONFIRM, SNOOZE, Answer
from flows.alerts.ledger import Ledger, advance, coming_days, due_days
from flows.alerts.machine import LEADS, NOBODY, REMINDS, STEWARD, YEARLY
from tests.tiny_release import ledger_of, tiny_release

SLUG = "consommation_enaf"


def only(slug=SLUG, **status):
    """Changes of one indicator; `status` overrides its row."""
    return {
        "fct_status_change": lambda rows: [r for r in rows if r["indicateur"] == slug],
        "fct_status": lambda rows: [{**r, **status} if r["indicateur"] == slug else r for r in rows],
    }


def outcome(**tables):
    """Told indicators, and the reason of each one that is not, over a predecessor of before the ledgers."""
    log = ledger_of(tiny_release(**tables)).tables()[1].to_pylist()
    told = [row["indicateur"] for row in log if row["destinataires"]]
    return told, {row["indicateur"]: row["raison"] for row in log if not row["destinataires"]}


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
        ({"perime_depuis": dt.date(2026, 11, 17)}, "depuis le 17/11/2026"),
    ],
)
def test_a_figure_that_is_not_settled_is_held(change, words):
    told, kept = outcome(**only(), fct_observation=lambda rows: last_figure(rows, **change))
    assert told == [] and words in kept[SLUG]


def test_a_drift_that_rests_on_final_years_is_told_beside_a_provisional_figure():
    provisional = {"fct_observation": lambda rows: last_figure(rows, statut="provisoire")}
    assert outcome(**only(raison="deux_annees"), **provisional)[0] == [SLUG]


def test_a_late_update_is_held():
    told, kept = outcome(**only(a_actualiser=True))
    assert told == [] and "attendue" in kept[SLUG]


def test_no_trajectory_is_not_told():
    told, kept = outcome(**only(trajectoire=None))
    assert told == [] and kept[SLUG] == "aucune trajectoire n’est fixée"


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
    assert told == [] and "enaf_positive" in kept[SLUG]
    assert outcome(**only(), fct_check=[check(resultat, edition="autre")])[0] == [SLUG]
    passed = [check("deroge", edition=used), check("passe", edition=used, regle="b")]
    assert outcome(**only(), fct_check=passed)[0] == [SLUG]


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


def moved(**change):
    return {
        "fct_status_change": lambda rows: [{**r, **change} for r in rows if r["indicateur"] == SLUG],
    }


def test_a_revision_is_shown_to_the_steward_first():
    log = ledger_of(tiny_release(**moved(cause="revision"))).log
    assert [row["destinataires"] for row in log] == [STEWARD]


def test_a_provisional_figure_that_became_final_is_no_revision():
    def statuses(statut):
        details = json.dumps({"observation": {"statut": statut, "ventilation": "cumul"}})
        rows = tiny_release().table("fct_status").to_pylist()
        return [{**r, "details": details} if r["indicateur"] == SLUG else r for r in rows]

    release = tiny_release(**moved(cause="revision"), fct_status=statuses("definitif"))
    before = [{**r, "etat": "a_surveiller"} if r["indicateur"] == SLUG else r for r in statuses("provisoire")]
    found = advance(release, before=None, statuses=before, since=dt.date(2026, 11, 19))
    assert [(r["destinataires"], r["cause"]) for r in found.log] == [(LEADS, "consolidation")]


def test_the_first_release_knows_its_drifts_and_says_nothing_of_them():
    first = tiny_release(fct_status_change=lambda rows: [{**r, "premiere": True} for r in rows])
    found = ledger_of(first)
    assert found.log == () and {a.indicateur for a in found.alerts} == {SLUG, "production_enr"}


def test_a_release_older_than_ledgers_is_taken_up_where_it_stood():
    """A drift that stood before the upgrade is closed when it ends, not told as new."""
    back = only(etat="sur_trajectoire")
    back["fct_status_change"] = lambda rows: [
        {**r, "etat_avant": "derive", "etat_apres": "sur_trajectoire"} for r in rows if r["indicateur"] == SLUG
    ]
    log = ledger_of(tiny_release(**back), None).log
    assert [(r["evenement"], r["destinataires"]) for r in log] == [("sortie_derive", LEADS)]


def quiet(nuit, **more):
    return tiny_release(id=f"{nuit}-0000", nuit=nuit, fct_status_change=[], fct_alert=[], **more)


def later(ledger, nuit, since, answers=(), **more):
    release = quiet(nuit, **more)
    statuses = release.table("fct_status").to_pylist()
    found = advance(release, before=ledger, statuses=statuses, since=dt.date.fromisoformat(since), answers=answers)
    return found, found.log[len(ledger.log) :]


OPENED = ledger_of(tiny_release(**only()))
NAME = f"{SLUG}-001"


def test_other_nights_say_nothing():
    """A release of a night on which no source answered differently, between two fixed days, has no event at all."""
    for day in (21, 25, 30):
        found, new = later(OPENED, f"2026-11-{day}", "2026-11-20")
        assert new == () and found.alerts == OPENED.alerts


def test_a_reminder_comes_on_fixed_days_half_a_year_later_at_the_earliest():
    found, new = later(OPENED, "2027-01-20", "2026-11-20")
    assert [r["evenement"] for r in new] == [YEARLY]  # told two months ago: not yet
    found, new = later(found, "2027-07-20", "2027-01-20")
    assert [(r["evenement"], r["destinataires"], r["alerte"]) for r in new] == [(REMINDS, LEADS, NAME)]
    assert later(found, "2027-07-21", "2027-07-20")[1] == ()
    assert next(a for a in found.alerts if a.alerte == NAME).rappels == 1


def answer(geste, nuit="2026-12-01", **more):
    day = dt.date.fromisoformat(nuit)
    return Answer(NAME, geste, day, day, "Service urbanisme", **more)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer(SNOOZE, echeance=dt.date(2028, 1, 1)), "en sommeil jusqu’au 01/01/2028"),
        (answer(ANSWER, cause="c", action="a", echeance=dt.date(2027, 12, 31)), "annoncée pour le 31/12/2027"),
    ],
)
def test_what_was_answered_or_snoozed_is_not_recalled(given, words):
    found, new = later(OPENED, "2026-12-02", "2026-11-20", [given])
    assert [r["evenement"] for r in new] == ["reponse"]
    found, new = later(found, "2027-07-20", "2027-01-20", [given])
    assert [(r["destinataires"], words in r["raison"]) for r in new] == [(NOBODY, True)]
    assert later(found, "2028-07-20", "2028-01-20", [given])[1][0]["destinataires"] == LEADS


def test_an_answer_stands_beside_its_alert():
    given = [answer(ANSWER, cause="Zone d’activités", action="Révision du PLUi", echeance=dt.date(2027, 6, 30))]
    alert = next(a for a in later(OPENED, "2026-12-02", "2026-11-20", given)[0].alerts if a.alerte == NAME)
    assert (alert.reponse_cause, alert.reponse_action) == ("Zone d’activités", "Révision du PLUi")
    assert (alert.reponse_par, str(alert.reponse_echeance)) == ("Service urbanisme", "2027-06-30")


def test_a_steward_confirms_what_waits_for_him_and_not_before():
    asked = ledger_of(tiny_release(**moved(cause="revision")))
    early = answer(CONFIRM, nuit="2026-11-01")
    assert [r["evenement"] for r in later(asked, "2026-11-22", "2026-11-20", [early])[1]] == ["reponse"]
    new = later(asked, "2026-11-22", "2026-11-20", [answer(CONFIRM, nuit="2026-11-21")])[1]
    assert [(r["evenement"], r["destinataires"]) for r in new][-1] == ("entree_derive", LEADS)


def test_fixed_days():
    assert due_days(None, dt.date(2027, 7, 20)) == []
    assert due_days(dt.date(2027, 1, 15), dt.date(2027, 7, 14)) == []
    assert due_days(dt.date(2027, 1, 14), dt.date(2027, 7, 15)) == [dt.date(2027, 1, 15), dt.date(2027, 7, 15)]
    # A machine that slept for years says everything once.
    assert due_days(dt.date(2020, 1, 1), dt.date(2027, 1, 1)) == [dt.date(2026, 1, 15), dt.date(2026, 7, 15)]
    assert coming_days(dt.date(2026, 11, 20), ()) == [dt.date(2027, 1, 15)]
    assert dt.date(2027, 7, 15) in coming_days(dt.date(2026, 11, 20), OPENED.alerts)


def test_a_ledger_read_back_is_the_same():
    assert Ledger.of(OPENED.tables()) == Ledger(OPENED.alerts, OPENED.log)
    assert Ledger.of(None) is None
