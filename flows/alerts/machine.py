"""The life of one alert: pure transitions from what a release says of one indicator.

Not here: which reason keeps a message back (flows.alerts.reasons), reading a release and the calendar of reminders
(flows.alerts.ledger), words and people. Method: trajectory-methods §11 (a change that only a revision explains goes
to the steward first) and §12.6 (leads are written to on entering or leaving `derive` and on reaching `atteint`). The
machine looks at the state, not at its changes: a change kept back is told when its reason lifts, and a drift whose
figure is lost for a while is neither closed nor told twice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from flows.core.words import Etat

# Events. The first three, reminders and the yearly note are written to leads.
ENTERS, LEAVES, REACHES = "entree_derive", "sortie_derive", "atteint"
REMINDS, YEARLY = "rappel", "note_annuelle"
MOVED, PAUSED, RESUMED, DROPPED, CLOSED = "changement", "suspension", "reprise", "abandon", "cloture"
CONFIRMED, SET_ASIDE, ANSWERED = "confirmation", "mise_a_l_ecart", "reponse"
LEADS, STEWARD, NOBODY = "referents", "intendant", ""

DRIFT, TARGET = "derive", "atteint"  # the two kinds of alert
HELD, TO_CONFIRM, OPEN, SUSPENDED = "retenue", "a_confirmer", "ouverte", "suspendue"
RETURN_HELD, RETURN_TO_CONFIRM = "retour_retenu", "retour_a_confirmer"
OVER, ASIDE, ABANDONED = "close", "ecartee", "abandonnee"
LIVE = (HELD, TO_CONFIRM, OPEN, SUSPENDED, RETURN_HELD, RETURN_TO_CONFIRM)
UNTOLD = (HELD, TO_CONFIRM)

# States that were judged, `derive` left out: to leave a drift is to come back to one of them.
JUDGED = (Etat.SUR_TRAJECTOIRE, Etat.EN_AVANCE, Etat.A_SURVEILLER, Etat.ATTEINT)
# Nothing new happened in the territory: the publisher or the observatory counts an old year otherwise.
STEWARD_FIRST = ("revision", "methode")
KNOWN = "les référents connaissent déjà cette alerte"


@dataclass(frozen=True)
class Alert:
    """One row of `fct_alert`; see flows.core.tables for the meaning of each column."""

    alerte: str
    indicateur: str
    genre: str
    etat: str
    depuis: dt.date
    trajectoire: str
    etat_avant: str
    cause: str
    periode: str
    raison: str = ""
    ouverte: dt.date | None = None
    dite: dt.date | None = None
    rappels: int = 0
    cause_fin: str = ""
    periode_fin: str = ""
    close: dt.date | None = None
    accuse: dt.date | None = None
    reponse_le: dt.date | None = None
    reponse_par: str = ""
    reponse_cause: str = ""
    reponse_action: str = ""
    reponse_echeance: dt.date | None = None
    sommeil: dt.date | None = None


@dataclass(frozen=True)
class Event:
    """One decision, told or not. `cle` is stable: the same decision taken again has the same key."""

    cle: str
    alerte: str
    indicateur: str
    evenement: str
    destinataires: str
    etat_avant: str
    etat_apres: str
    periode: str
    cause: str
    raison: str = ""


@dataclass(frozen=True)
class Seen:
    """What a release says of one indicator tonight.

    Attributes:
        before: state in the predecessor release, "" when it had none. changed: did the state move tonight?
        cause: of that move (`fct_status_change.cause`, or `consolidation`: a provisional figure became final).
        reason: French reason to write to nobody about this figure, "" when there is none.
        confirmed, aside: did a steward confirm, or set aside, what waits for him?
    """

    nuit: dt.date
    indicateur: str
    etat: str
    before: str
    changed: bool
    cause: str
    periode: str
    trajectoire: str
    reason: str = ""
    confirmed: bool = False
    aside: bool = False


def follow_target(last: Alert | None, seen: Seen, number: int) -> tuple[Alert | None, list[Event]]:
    """The alert « objectif atteint » of an indicator after tonight; `number` names a new one."""
    current = last if last and last.etat in LIVE else None
    if seen.etat == Etat.ATTEINT:
        if current is None:
            if last and last.etat == ASIDE and last.periode == seen.periode and not seen.changed:
                return last, []
            return _enter(_new(TARGET, seen, number), seen)
        return (current, []) if current.etat == OPEN else _enter(_renewed(current, seen), seen)
    if current is None or not (seen.etat in JUDGED or seen.etat == Etat.DERIVE):
        return last, []
    if current.etat in UNTOLD:
        return _abandon(current, seen)
    return replace(current, etat=OVER, depuis=seen.nuit, close=seen.nuit, raison=""), []


def follow_drift(
    last: Alert | None, seen: Seen, number: int, *, target_told: bool = False
) -> tuple[Alert | None, list[Event]]:
    """The alert « écart à la trajectoire » of an indicator after tonight.

    `target_told`: the message « objectif atteint » left tonight or before, and closes the alert by itself.
    """
    current = last if last and last.etat in LIVE else None
    if seen.etat == Etat.DERIVE:
        return _drifting(last, current, seen, number)
    if current is None:
        return last, []
    if seen.etat in JUDGED:
        return _returning(current, seen, target_told)
    return _unknown(current, seen)


def _drifting(last: Alert | None, current: Alert | None, seen: Seen, number: int) -> tuple[Alert | None, list[Event]]:
    if current is None:
        if last and last.etat == ASIDE and last.periode == seen.periode and not seen.changed:
            return last, []
        alert = _new(DRIFT, seen, number)
        if last and last.sommeil and last.sommeil > seen.nuit:  # a snooze outlives a short return
            alert = replace(alert, sommeil=last.sommeil)
        return _enter(alert, seen)
    if current.etat in UNTOLD:
        return _enter(_renewed(current, seen), seen)
    if current.etat == OPEN:
        return current, []
    why = "le retour ne s’est pas confirmé" if current.etat != SUSPENDED else KNOWN
    opened = replace(current, etat=OPEN, depuis=seen.nuit, raison="", cause_fin="", periode_fin="")
    return opened, [_event(opened, RESUMED, NOBODY, seen, why)]


def _returning(current: Alert, seen: Seen, target_told: bool) -> tuple[Alert, list[Event]]:
    if current.etat in UNTOLD:
        return _abandon(current, seen)
    if current.etat not in (RETURN_HELD, RETURN_TO_CONFIRM) or seen.periode != current.periode_fin:
        cause = seen.cause if seen.changed else "nouvelle_periode"
        current = replace(current, cause_fin=cause, periode_fin=seen.periode)
    if seen.etat == Etat.ATTEINT:
        if not target_told:
            return _keep(current, RETURN_HELD, seen, "l’objectif atteint n’est pas encore annoncé", LEAVES)
        return _closed(current, seen, CLOSED, NOBODY, "le message « objectif atteint » clôt l’alerte")
    # Asked before anything else: what keeps the leads from being written to does not keep the steward from looking.
    if current.cause_fin in STEWARD_FIRST and not seen.confirmed:
        if seen.aside:
            return _keep(current, RETURN_TO_CONFIRM, seen, "l’intendant a mis ce retour à l’écart", SET_ASIDE)
        return _ask(current, RETURN_TO_CONFIRM, LEAVES, seen)
    if seen.reason:
        if current.etat == RETURN_TO_CONFIRM:  # confirmed, and told when the figure is settled too
            return current, []
        return _keep(current, RETURN_HELD, seen, seen.reason, LEAVES)
    return _closed(current, seen, LEAVES, LEADS, "")


def _unknown(current: Alert, seen: Seen) -> tuple[Alert, list[Event]]:
    """No state can be said any more: a figure was lost, or the trajectory was withdrawn."""
    if seen.etat != Etat.NON_EVALUABLE:
        if current.etat in UNTOLD:
            return _abandon(current, seen)
        return _closed(current, seen, CLOSED, NOBODY, "aucune trajectoire n’est plus fixée")
    if current.etat in (*UNTOLD, SUSPENDED):
        return current, []
    paused = replace(current, etat=SUSPENDED, depuis=seen.nuit, raison="", cause_fin="", periode_fin="")
    return paused, [_event(paused, PAUSED, NOBODY, seen, "l’état n’est plus évaluable : rien ne peut être annoncé")]


def _enter(alert: Alert, seen: Seen) -> tuple[Alert, list[Event]]:
    """Tell the leads, ask the steward first, or keep back: the three ways into an alert."""
    name = REACHES if alert.genre == TARGET else ENTERS
    reason = seen.reason
    if not reason and alert.sommeil and alert.sommeil > seen.nuit:
        reason = f"l’alerte est mise en sommeil jusqu’au {alert.sommeil:%d/%m/%Y}"
    if alert.cause in STEWARD_FIRST and not seen.confirmed:
        if seen.aside and alert.etat == TO_CONFIRM:
            aside = replace(alert, etat=ASIDE, depuis=seen.nuit, close=seen.nuit, raison="")
            return aside, [_event(aside, SET_ASIDE, NOBODY, seen, "l’intendant a mis ce changement à l’écart")]
        return _ask(alert, TO_CONFIRM, name, seen)
    if reason:
        if alert.etat == TO_CONFIRM:  # confirmed, and told when the figure is settled too
            return alert, []
        return _keep(alert, HELD, seen, reason, name)
    opened = replace(alert, etat=OPEN, depuis=seen.nuit, ouverte=seen.nuit, dite=seen.nuit, raison="")
    return opened, [_event(opened, name, LEADS, seen, "")]


def _keep(alert: Alert, etat: str, seen: Seen, reason: str, name: str) -> tuple[Alert, list[Event]]:
    """Write to nobody and remember why; said once in the log, as long as the reason is the same."""
    if (alert.etat, alert.raison) == (etat, reason):
        return alert, []
    kept = replace(alert, etat=etat, depuis=alert.depuis if alert.etat == etat else seen.nuit, raison=reason)
    return kept, [_event(kept, name, NOBODY, seen, reason)]


def _ask(alert: Alert, etat: str, name: str, seen: Seen) -> tuple[Alert, list[Event]]:
    if alert.etat == etat:
        return alert, []
    asked = replace(alert, etat=etat, depuis=seen.nuit, raison="à confirmer par l’intendant")
    return asked, [_event(asked, name, STEWARD, seen, "aucune année nouvelle : l’intendant regarde d’abord")]


def _closed(alert: Alert, seen: Seen, name: str, whom: str, reason: str) -> tuple[Alert, list[Event]]:
    told = seen.nuit if whom == LEADS else alert.dite
    over = replace(alert, etat=OVER, depuis=seen.nuit, close=seen.nuit, dite=told, raison="")
    return over, [_event(over, name, whom, seen, reason)]


def _abandon(alert: Alert, seen: Seen) -> tuple[Alert, list[Event]]:
    gone = replace(alert, etat=ABANDONED, depuis=seen.nuit, close=seen.nuit, raison="")
    return gone, [_event(gone, DROPPED, NOBODY, seen, "l’état a changé avant d’avoir été annoncé")]


def _new(genre: str, seen: Seen, number: int) -> Alert:
    return Alert(
        alerte=f"{seen.indicateur}-{number:03d}",
        indicateur=seen.indicateur,
        genre=genre,
        etat="",
        depuis=seen.nuit,
        trajectoire=seen.trajectoire,
        etat_avant=seen.before,
        cause=seen.cause,
        periode=seen.periode,
    )


def _renewed(alert: Alert, seen: Seen) -> Alert:
    """An alert not told yet, seen again: a newer period says it anew, whatever first caused it."""
    if seen.periode == alert.periode:
        return alert
    return replace(alert, periode=seen.periode, cause="nouvelle_periode")


def _event(alert: Alert, name: str, whom: str, seen: Seen, reason: str) -> Event:
    ending = alert.cause_fin != ""
    # What the reader was last told, not what the page last said.
    told_before = {ENTERS: alert.etat_avant, REACHES: alert.etat_avant, LEAVES: str(Etat.DERIVE)}
    before = told_before.get(name, seen.before)
    periode = (alert.periode_fin if ending else alert.periode) or seen.periode
    return Event(
        cle="/".join((alert.alerte, name, periode, whom or "interne")),
        alerte=alert.alerte,
        indicateur=alert.indicateur,
        evenement=name,
        destinataires=whom,
        etat_avant=before,
        etat_apres=seen.etat,
        periode=periode,
        cause=alert.cause_fin if ending else alert.cause,
        raison=reason,
    )


def known(genre: str, seen: Seen, told: dt.date) -> Alert:
    """An alert that people know already, the night `told`: the opening message or an earlier release said it."""
    return replace(_new(genre, seen, 1), etat=OPEN, depuis=told, ouverte=told, dite=told)
