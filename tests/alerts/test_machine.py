"""The life of an alert: what is told, what is kept back and why, and what no sequence of nights can do."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from flows.alerts.machine import (
    ABANDONED,
    ASIDE,
    ENTERS,
    HELD,
    LEADS,
    LEAVES,
    LIVE,
    NOBODY,
    OPEN,
    OVER,
    REACHES,
    RETURN_HELD,
    RETURN_TO_CONFIRM,
    STEWARD,
    SUSPENDED,
    TO_CONFIRM,
    Seen,
    follow_drift,
    follow_target,
)
from flows.core.words import Etat

DAY = dt.date(2027, 1, 1)


def play(*nights, follow=follow_drift):
    """(state, keywords) of nights in a row → the last alert, and the events told to somebody or kept back."""
    alert, events, before, number = None, [], Etat.SUR_TRAJECTOIRE, 0
    for n, (state, more) in enumerate(nights):
        seen = Seen(
            **{
                "nuit": DAY + dt.timedelta(days=n),
                "indicateur": "i",
                "etat": state,
                "before": before,
                "changed": state != before,
                "cause": "nouvelle_periode",
                "periode": "2026",
                "trajectoire": "t",
                **more,
            }
        )
        alert, found = follow(alert, seen, number + 1)
        number = int(alert.alerte[-3:]) if alert else number
        events += [(n, event.evenement, event.destinataires) for event in found]
        before = state
    return alert, events


D, S, W, U, T = Etat.DERIVE, Etat.SUR_TRAJECTOIRE, Etat.A_SURVEILLER, Etat.NON_EVALUABLE, Etat.ATTEINT


def test_a_drift_is_told_once_and_its_return_closes_it():
    alert, events = play((D, {}), (D, {}), (S, {}), (S, {}))
    assert events == [(0, ENTERS, LEADS), (2, LEAVES, LEADS)]
    assert (alert.etat, alert.close) == (OVER, DAY + dt.timedelta(days=2))


def test_a_figure_that_is_not_settled_is_told_when_the_reason_lifts():
    late = {"reason": "la mise à jour n’est pas arrivée"}
    alert, events = play((D, late), (D, late), (D, {}))
    assert events == [(0, ENTERS, NOBODY), (2, ENTERS, LEADS)] and alert.etat == OPEN


def test_a_change_kept_back_is_dropped_when_the_state_moves():
    alert, events = play((D, {"reason": "provisoire"}), (S, {}))
    assert [e[2] for e in events] == [NOBODY, NOBODY] and alert.etat == ABANDONED


@pytest.mark.parametrize("cause", ["revision", "methode"])
def test_a_revision_goes_to_the_steward_first(cause):
    asked = {"cause": cause}
    assert play((D, asked), (D, asked))[1] == [(0, ENTERS, STEWARD)]
    alert, events = play((D, asked), (D, asked | {"confirmed": True}))
    assert events == [(0, ENTERS, STEWARD), (1, ENTERS, LEADS)] and alert.etat == OPEN
    alert, events = play((D, asked), (D, asked | {"aside": True}), (D, asked), (D, {"periode": "2027"}))
    assert [e[2] for e in events] == [STEWARD, NOBODY, LEADS] and alert.alerte == "i-002"
    alert, events = play((D, asked), (D, {"periode": "2027"}))
    assert events[-1] == (1, ENTERS, LEADS) and alert.cause == "nouvelle_periode"


def test_the_steward_is_asked_whatever_keeps_the_leads_from_being_told():
    revised = {"cause": "revision", "reason": "un contrôle attend une décision"}
    alert, events = play((D, revised), (D, revised), (D, revised | {"confirmed": True}))
    assert events == [(0, ENTERS, STEWARD)] and alert.etat == TO_CONFIRM
    confirmed = (D, {"cause": "revision", "confirmed": True})
    assert play((D, revised), confirmed)[1][-1] == (1, ENTERS, LEADS)
    alert, events = play((D, {}), (S, revised), (S, {"cause": "revision", "confirmed": True}))
    assert [e[2] for e in events] == [LEADS, STEWARD, LEADS] and alert.etat == OVER


def test_a_return_by_revision_goes_to_the_steward_first_and_may_not_hold():
    alert, events = play((D, {}), (S, {"cause": "revision"}), (D, {"cause": "revision"}))
    assert [e[1:] for e in events[:2]] == [(ENTERS, LEADS), (LEAVES, STEWARD)]
    assert alert.etat == OPEN and events[2][2] == NOBODY
    assert play((D, {}), (S, {"cause": "revision"}))[0].etat == RETURN_TO_CONFIRM
    alert, events = play((D, {}), (S, {"cause": "revision"}), (S, {"periode": "2027"}))
    assert events[-1][1:] == (LEAVES, LEADS) and alert.etat == OVER


def test_a_lost_figure_neither_closes_nor_tells_twice():
    _, events = play((D, {}), (U, {}), (U, {}), (D, {}), (S, {}))
    assert [e[1:] for e in events if e[2] == LEADS] == [(ENTERS, LEADS), (LEAVES, LEADS)]
    assert play((D, {}), (U, {}))[0].etat == SUSPENDED
    assert play((D, {"reason": "r"}), (U, {}))[0].etat == HELD


def test_a_trajectory_withdrawn_closes_without_a_message():
    alert, events = play((D, {}), (Etat.TRAJECTOIRE_A_FIXER, {}))
    assert alert.etat == OVER and [e[2] for e in events] == [LEADS, NOBODY]


def test_a_return_waits_for_a_settled_figure():
    alert, events = play((D, {}), (S, {"reason": "provisoire"}))
    assert alert.etat == RETURN_HELD and events[-1][2] == NOBODY
    assert play((D, {}), (S, {"reason": "provisoire"}), (S, {}))[0].etat == OVER


def test_a_target_is_told_once_as_long_as_it_is_held():
    alert, events = play((T, {}), (T, {}), (U, {}), (T, {}), follow=follow_target)
    assert events == [(0, REACHES, LEADS)] and alert.etat == OPEN
    alert, events = play((T, {}), (S, {}), (T, {"periode": "2027"}), follow=follow_target)
    assert [e[1] for e in events] == [REACHES, REACHES] and alert.alerte == "i-002"
    assert play((T, {"reason": "r"}), (S, {}), follow=follow_target)[0].etat == ABANDONED


def test_reaching_the_target_closes_the_drift_without_a_second_message():
    opened = play((D, {}))[0]
    seen = Seen(DAY, "i", T, D, True, "nouvelle_periode", "2027", "t")
    waiting, _ = follow_drift(opened, seen, 2, target_told=False)
    assert waiting.etat == RETURN_HELD
    over, events = follow_drift(waiting, seen, 2, target_told=True)
    assert over.etat == OVER and [e.destinataires for e in events] == [NOBODY]


STATES = st.sampled_from(list(Etat))
NIGHTS = st.lists(
    st.tuples(
        STATES,
        st.fixed_dictionaries(
            {
                "cause": st.sampled_from(["nouvelle_periode", "revision", "methode", "trajectoire", "echeance"]),
                "periode": st.sampled_from(["2026", "2027", "2028"]),
                "reason": st.sampled_from(["", "", "provisoire"]),
                "confirmed": st.booleans(),
            }
        ),
    ),
    max_size=14,
)


@forall(NIGHTS)
def test_leads_read_a_drift_and_its_return_in_turn(nights):
    """Whatever comes, a lead is never told a return he has no drift of, nor the same drift twice."""
    alert, events = play(*nights)
    told = [name for _, name, whom in events if whom == LEADS]
    assert all(name == (ENTERS if n % 2 == 0 else LEAVES) for n, name in enumerate(told)) or _closed_silently(events)
    for (state, more), _ in zip(nights[-1:], [0], strict=False):
        if told and told[-1] == ENTERS and state == D:
            assert alert.etat == OPEN
        if more["reason"]:
            assert not [e for e in events if e[0] == len(nights) - 1 and e[2] == LEADS]


def _closed_silently(events):
    """Two drifts may follow each other when the trajectory was withdrawn, or the target reached, in between."""
    names = [(name, whom) for _, name, whom in events if whom == LEADS or name == "cloture"]
    expected = ENTERS
    for name, _ in names:
        if expected == ENTERS and name != ENTERS:
            return False
        expected = LEAVES if name == ENTERS else ENTERS
    return True


@forall(NIGHTS, STATES)
def test_the_same_night_again_says_nothing(nights, state):
    """A release that changes nothing of an indicator tells nothing of it, whatever came before."""
    same = {"cause": "nouvelle_periode", "periode": "2029", "reason": ""}
    _, events = play(*nights, (state, same), (state, same | {"changed": False}), (state, same | {"changed": False}))
    assert not [e for e in events if e[0] > len(nights)]


@forall(NIGHTS)
def test_states_are_those_of_the_table(nights):
    for follow in (follow_drift, follow_target):
        alert, _ = play(*nights, follow=follow)
        assert alert is None or alert.etat in {*LIVE, OVER, ASIDE, ABANDONED, TO_CONFIRM}
