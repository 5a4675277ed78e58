"""Messages of more than one kind: what a steward is asked, the point of the year, who reads which part."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from flows.alerts.compose import compose
from flows.alerts.ledger import advance
from tests.alerts.test_compose import same_as_golden, to_lead
from tests.tiny_release import TinyRelease, ledger_of, tiny_release

SLUG = "consommation_enaf"


def one(rows):
    return [row for row in rows if row["indicateur"] == SLUG]


def revised() -> TinyRelease:
    return tiny_release(fct_status_change=lambda rows: [{**row, "cause": "revision"} for row in one(rows)])


def january(answers=()) -> TinyRelease:
    """A release of the first January after next, over a drift told fourteen months before."""
    opened = ledger_of(tiny_release(fct_status_change=one))
    release = tiny_release(id="2028-01-20-0000", nuit="2028-01-20", fct_status_change=[], fct_alert=[])
    statuses = release.table("fct_status").to_pylist()
    ledger = advance(release, before=opened, statuses=statuses, since=dt.date(2027, 7, 20), answers=answers)
    alerts, log = ledger.tables()
    return replace(release, tables={**release.tables, "fct_alert": alerts, "fct_alert_log": log})


def test_golden_to_confirm(contacts, given):
    composition = compose(revised(), contacts, **given)
    (message,) = composition.messages  # nobody else is told
    assert message.recipient == "2p2t@exemple.fr"  # the stewards have no address here
    same_as_golden("confirmer.txt", f"{message.subject}\n\n{message.text}")
    same_as_golden("confirmer.html", message.html)


def test_golden_point_of_the_year(contacts, given):
    composition = compose(january(), contacts, **given)
    message = to_lead(composition)
    same_as_golden("point.txt", f"{message.subject}\n\n{message.text}")
    same_as_golden("point.html", message.html)
    assert {m.recipient for m in composition.messages} <= {f"e{n}@exemple.fr" for n in (1, 2, 3)}  # no copies


def test_one_recipient_reads_everything_in_one_message(contacts, given):
    """A change, a reminder and the yearly note of one night are one message, changes first."""
    opened = ledger_of(tiny_release(fct_status_change=one))
    moved = {"indicateur": "points_recharge_irve", "etat": "derive", "a_actualiser": False}

    def status(rows):
        return [{**row, **moved} if row["indicateur"] == moved["indicateur"] else row for row in rows]

    release = tiny_release(
        id="2028-01-20-0000", nuit="2028-01-20", fct_status=status, fct_status_change=[], fct_alert=[]
    )
    statuses = tiny_release().table("fct_status").to_pylist()
    alerts, log = advance(release, before=opened, statuses=statuses, since=dt.date(2027, 7, 20)).tables()
    release = replace(release, tables={**release.tables, "fct_alert": alerts, "fct_alert_log": log})
    message = to_lead(compose(release, contacts, **given))
    assert len(message.events) == 3 and message.subject.endswith("écart à la trajectoire")
    order = [
        message.text.index(words) for words in ("Ce qui vous est demandé", "rappel d’un écart", "sans objectif\n")
    ]
    assert order == sorted(order)
