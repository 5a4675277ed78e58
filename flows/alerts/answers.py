"""What leads and stewards answer to an alert, applied to the ledger: acknowledged, answered, snoozed, confirmed.

Not here: reading a deposited file (flows.sources.reponses) and showing the answer (pages). The newest answer of an
alert stands; an answer to an alert that does not exist is refused when it is deposited, and ignored here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flows.alerts.machine import ANSWERED, NOBODY, RETURN_TO_CONFIRM, TO_CONFIRM, Alert, Event

ACKNOWLEDGE, ANSWER, SNOOZE, CONFIRM, SET_ASIDE = "accuse", "reponse", "sommeil", "confirmer", "ecarter"


@dataclass(frozen=True)
class Answer:
    """One line of a deposit. `nuit`: the night it came in; `le`: the day its author gives."""

    alerte: str
    geste: str
    nuit: dt.date
    le: dt.date
    par: str = ""
    cause: str = ""
    action: str = ""
    echeance: dt.date | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Answer:
        """From a row of the landed table `saisies/reponses`."""
        return cls(
            alerte=row["alerte"],
            geste=row["geste"],
            nuit=row["_nuit"],
            le=row["date_reponse"],
            par=row["repondu_par"] or "",
            cause=row["cause"] or "",
            action=row["action"] or "",
            echeance=row["echeance"],
        )


def answered(
    alerts: Iterable[Alert], answers: Sequence[Answer], logged: Collection[str]
) -> Iterator[tuple[Alert, list[Event]]]:
    """Alerts with their answers, each with the events that are not in the log yet (`logged`: their keys)."""
    for alert in alerts:
        own = [answer for answer in answers if answer.alerte == alert.alerte]
        told = alert
        for answer in own:
            told = _applied(told, answer)
        events = {event.cle: event for event in (_event(told, answer) for answer in own)}
        new = [event for key, event in events.items() if key not in logged]
        if told != alert or new:
            yield told, new


def _applied(alert: Alert, answer: Answer) -> Alert:
    if answer.geste == SNOOZE:
        return replace(alert, sommeil=answer.echeance)
    if answer.geste == ACKNOWLEDGE:
        return replace(alert, accuse=answer.le)
    if answer.geste == ANSWER:
        return replace(
            alert,
            reponse_le=answer.le,
            reponse_par=answer.par,
            reponse_cause=answer.cause,
            reponse_action=answer.action,
            reponse_echeance=answer.echeance,
        )
    return alert


def _event(alert: Alert, answer: Answer) -> Event:
    words = {
        ACKNOWLEDGE: "lecture confirmée",
        ANSWER: "réponse reçue",
        SNOOZE: "mise en sommeil",
        CONFIRM: "confirmation de l’intendant",
        SET_ASIDE: "mise à l’écart par l’intendant",
    }
    key = f"{alert.alerte}/{ANSWERED}/{answer.nuit}/{answer.geste}"
    return Event(
        key, alert.alerte, alert.indicateur, ANSWERED, NOBODY, "", "", alert.periode, "", words[answer.geste]
    )


def verdicts(answers: Sequence[Answer], alerts: Iterable[Alert]) -> dict[str, dict[str, bool]]:
    """By alert that waits for a steward: `confirmed` or `aside`, from what he deposited since it began to wait."""
    found: dict[str, dict[str, bool]] = {}
    for alert in alerts:
        if alert.etat not in (TO_CONFIRM, RETURN_TO_CONFIRM):
            continue
        for answer in answers:
            if answer.alerte == alert.alerte and answer.nuit >= alert.depuis:
                if answer.geste == CONFIRM:
                    found[alert.alerte] = {"confirmed": True, "aside": False}
                elif answer.geste == SET_ASIDE:
                    found[alert.alerte] = {"confirmed": False, "aside": True}
    return found
