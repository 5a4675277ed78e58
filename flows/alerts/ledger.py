"""The alert ledger of a release: the ledger of its predecessor, moved on by one night.

Not here: the transitions of one alert (flows.alerts.machine), who is written to and in which words
(flows.alerts.compose), storing (the warehouse keeps it in `etat/`). The ledger is a function of the release, of its
predecessor's `etat/` and of the answers that were deposited: rebuilt, it is the same; a release withdrawn takes its
decisions with it. Leads are reminded of an open alert, and told once a year which indicators have no objective, on
fixed days, so that whatever is to be said falls into one message.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pyarrow as pa

from flows.alerts import machine
from flows.alerts.answers import Answer, answered, verdicts
from flows.alerts.machine import DRIFT, LEADS, LIVE, NOBODY, OPEN, TARGET, Alert, Event, Seen
from flows.alerts.reasons import Reasons
from flows.core.tables import TABLES, Release
from flows.core.words import Etat, Statut

REMINDER_DAYS = ((1, 15), (7, 15))  # month, day: twice a year at most
YEARLY_DAY = (1, 15)
REMINDER_GAP = dt.timedelta(days=181)  # six months: from one January day to the next July one
NO_TRAJECTORY = "aucune trajectoire n’est fixée"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Ledger:
    """Every alert so far, by its name, and every event so far, as rows of the two tables of a release."""

    alerts: tuple[Alert, ...] = ()
    log: tuple[Row, ...] = ()

    @classmethod
    def of(cls, tables: tuple[pa.Table, pa.Table] | None) -> Ledger | None:
        """From `fct_alert` and `fct_alert_log` of the predecessor; None when it has none."""
        if tables is None:
            return None
        return cls(tuple(Alert(**row) for row in tables[0].to_pylist()), tuple(tables[1].to_pylist()))

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """`fct_alert` (by name) and `fct_alert_log` (in the order of what happened)."""
        rows = [asdict(alert) for alert in _ordered(self.alerts)]
        return (
            pa.Table.from_pylist(rows, schema=TABLES["fct_alert"]),
            pa.Table.from_pylist(list(self.log), schema=TABLES["fct_alert_log"]),
        )


def advance(
    release: Release,
    *,
    before: Ledger | None,
    statuses: Sequence[Row],
    since: dt.date | None,
    answers: Sequence[Answer] = (),
) -> Ledger:
    """The ledger after a release.

    Args:
        before: ledger of the predecessor, None when there is none (the first release, or one older than ledgers):
            drifts and targets already there are then known, since the opening message or an earlier one told them.
        statuses: rows of the predecessor's `fct_status`. since: its night, None before the first release.
        answers: what leads and stewards deposited so far, in the order it came in.
    """
    nuit = dt.date.fromisoformat(release.nuit)
    if before is None:
        return _seeded(release, statuses or release.table("fct_status").to_pylist(), nuit, since, answers)
    latest = _latest(before.alerts)
    events: list[Event] = []
    said = verdicts(answers, before.alerts)
    alerts = {alert.alerte: alert for alert in before.alerts}
    for alert, found in answered(before.alerts, answers, {row["cle"] for row in before.log}):
        alerts[alert.alerte] = alert
        if latest[alert.indicateur, alert.genre].alerte == alert.alerte:
            latest[alert.indicateur, alert.genre] = alert
        events += found
    counts = {
        name: sum(a.indicateur == name for a in before.alerts) for name in {a.indicateur for a in before.alerts}
    }
    for seen in _seen(release, statuses, nuit):
        told: list[Event] = []
        for genre in (TARGET, DRIFT):
            last = latest.get((seen.indicateur, genre))
            mine = replace(seen, **said.get(last.alerte if last else "", {}))
            number = counts.get(seen.indicateur, 0) + 1
            if genre == TARGET:
                alert, found = machine.follow_target(last, mine, number)
            else:
                reached = latest.get((seen.indicateur, TARGET))
                alert, found = machine.follow_drift(
                    last, mine, number, target_told=reached is not None and reached.etat == OPEN
                )
            if alert is not None:
                counts[seen.indicateur] = max(counts.get(seen.indicateur, 0), _number(alert))
                alerts[alert.alerte] = latest[seen.indicateur, genre] = alert
            told += found
        if seen.changed and not told:
            told = [_moved(seen)]
        events += told
    days = due_days(since, nuit)
    if any((day.month, day.day) in REMINDER_DAYS for day in days):
        reminded, more = _reminders(alerts.values(), release, nuit)
        alerts |= {alert.alerte: alert for alert in reminded}
        events += more
    events += [_yearly(day) for day in days if (day.month, day.day) == YEARLY_DAY]
    return Ledger(_ordered(alerts.values()), (*before.log, *_rows(release, nuit, events)))


def due_days(since: dt.date | None, nuit: dt.date) -> list[dt.date]:
    """Fixed days that fall after `since` and no later than `nuit`; only the newest of each kind counts."""
    if since is None:
        return []
    days = [day for year in range(since.year, nuit.year + 1) for day in _days_of(year) if since < day <= nuit]
    newest = {(day.month, day.day): day for day in days}
    return sorted(newest.values())


def coming_days(nuit: dt.date, alerts: Iterable[Alert]) -> list[dt.date]:
    """Fixed days after `nuit` on which something will have to be said, for the deadlines of the release."""
    days = [day for year in (nuit.year, nuit.year + 1) for day in _days_of(year) if day > nuit]
    drifting = any(alert.genre == DRIFT and alert.etat in LIVE for alert in alerts)
    return [day for day in days if drifting or (day.month, day.day) == YEARLY_DAY]


def _days_of(year: int) -> list[dt.date]:
    return sorted({dt.date(year, month, day) for month, day in (*REMINDER_DAYS, YEARLY_DAY)})


def _number(alert: Alert) -> int:
    return int(alert.alerte.rpartition("-")[2])


def _ordered(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    return tuple(sorted(alerts, key=lambda alert: alert.alerte))


def _latest(alerts: Iterable[Alert]) -> dict[tuple[str, str], Alert]:
    return {(alert.indicateur, alert.genre): alert for alert in sorted(alerts, key=_number)}


def _seen(release: Release, statuses: Sequence[Row], nuit: dt.date) -> list[Seen]:
    """What the release says of each indicator, by id."""
    reasons = Reasons(release)
    before = {row["indicateur"]: row for row in statuses}
    moves = {row["indicateur"]: row for row in release.table("fct_status_change").to_pylist() if not row["premiere"]}
    found = []
    for row in sorted(release.table("fct_status").to_pylist(), key=lambda r: r["indicateur"]):
        slug, move = row["indicateur"], moves.get(row["indicateur"])
        was = before.get(slug) or {}
        found.append(
            Seen(
                nuit=nuit,
                indicateur=slug,
                etat=row["etat"],
                before=(move["etat_avant"] if move else was.get("etat")) or "",
                changed=move is not None,
                cause=_cause(move["cause"], was, row) if move else "nouvelle_periode",
                periode=row["periode"] or "",
                trajectoire=row["trajectoire"] or "",
                reason=reasons.against(row) if row["trajectoire"] else NO_TRAJECTORY,
            )
        )
    return found


def _cause(cause: str, was: Row, now: Row) -> str:
    """The cause of a change; a provisional figure that became final is not the revision of an old year, and what a
    steward decided himself need not be shown to him first."""
    if cause in machine.STEWARD_FIRST and "decision" in (was.get("raison"), now["raison"]):
        return "decision"
    if cause in machine.STEWARD_FIRST and was.get("periode") == now["periode"]:
        unsettled = (Statut.PROVISOIRE, Statut.ESTIME)
        if _figure_status(was) in unsettled and _figure_status(now) == Statut.DEFINITIF:
            return "consolidation"
    return cause


def _figure_status(row: Row) -> str:
    try:
        return str((json.loads(row.get("details") or "{}").get("observation") or {}).get("statut") or "")
    except (ValueError, AttributeError):
        return ""


def _moved(seen: Seen) -> Event:
    """A change of state that is for the page only."""
    why = "ce changement d’état se lit sur la page et ne donne pas de courriel"
    if seen.etat == Etat.A_SURVEILLER:
        why = "un état « à surveiller » se lit sur la page et ne donne pas de courriel"
    return Event(
        f"{seen.indicateur}/{machine.MOVED}/{seen.nuit}", "", seen.indicateur, machine.MOVED, NOBODY,
        seen.before, seen.etat, seen.periode, seen.cause, why,
    )  # fmt: skip


def _reminders(alerts: Iterable[Alert], release: Release, nuit: dt.date) -> tuple[list[Alert], list[Event]]:
    """Open drifts to recall tonight, and those that are not recalled, with the reason."""
    statuses = {row["indicateur"]: row for row in release.table("fct_status").to_pylist()}
    reasons, reminded, events = Reasons(release), [], []
    for alert in sorted(alerts, key=lambda a: a.alerte):
        if alert.genre != DRIFT or alert.etat != OPEN or alert.dite is None or nuit - alert.dite < REMINDER_GAP:
            continue
        row = statuses[alert.indicateur]
        why = _mute(alert, nuit) or reasons.against(row)
        whom = NOBODY if why else LEADS
        key = f"{alert.alerte}/{machine.REMINDS}/{nuit:%Y-%m}/{whom or 'interne'}"
        state = str(Etat.DERIVE)
        events.append(
            Event(
                key,
                alert.alerte,
                alert.indicateur,
                machine.REMINDS,
                whom,
                state,
                state,
                row["periode"] or "",
                "",
                why,
            )
        )
        if not why:
            reminded.append(replace(alert, dite=nuit, rappels=alert.rappels + 1))
    return reminded, events


def _mute(alert: Alert, nuit: dt.date) -> str:
    if alert.sommeil and alert.sommeil > nuit:
        return f"l’alerte est mise en sommeil jusqu’au {alert.sommeil:%d/%m/%Y}"
    if alert.reponse_le and alert.reponse_echeance and alert.reponse_echeance > nuit:
        return f"une action est annoncée pour le {alert.reponse_echeance:%d/%m/%Y}"
    return ""


def _yearly(day: dt.date) -> Event:
    return Event(f"{machine.YEARLY}/{day.year}", "", "", machine.YEARLY, LEADS, "", "", str(day.year), "")


def _rows(release: Release, nuit: dt.date, events: Sequence[Event]) -> list[Row]:
    return [
        {"nuit": nuit, "version": release.id, "rang": rank, **asdict(event)}
        for rank, event in enumerate(events, start=1)
    ]


def _seeded(
    release: Release, statuses: Sequence[Row], nuit: dt.date, since: dt.date | None, answers: Sequence[Answer]
) -> Ledger:
    """The first ledger: drifts and targets that stand are known already, the opening message says them.

    With a predecessor that kept no ledger, its states are what was told; tonight's changes then follow as always.
    """
    known = []
    for row in sorted(statuses, key=lambda r: r["indicateur"]):
        genre = {Etat.DERIVE: DRIFT, Etat.ATTEINT: TARGET}.get(row["etat"])
        if genre is not None:
            seen = Seen(nuit, row["indicateur"], row["etat"], "", False, "premiere_publication",
                        row["periode"] or "", row["trajectoire"] or "")  # fmt: skip
            alert = machine.known(genre, seen, since or nuit)
            known.append(alert)
    ledger = Ledger(_ordered(known))
    if since is None:
        return ledger
    return advance(release, before=ledger, statuses=statuses, since=since, answers=answers)
