"""View model of what was known of a state: at the last release, barometer, three-yearly step; its stability.

Nothing is judged again here: every line is a row that a past release published (`fct_status_history`). Not here:
today's state (`views_state`), the changes of figures (`views_revisions`).
"""

from __future__ import annotations

import datetime as dt
import itertools

from flows.publishing import numbers
from flows.publishing.views_data import Row, World

GENRES = ("barometre", "triennale")
SHOWN = 6  # changes listed; older ones are in the downloads


def known_then(world: World, indicator: Row) -> Row | None:
    """The state at each past moment, and how often it changed; None for an indicator of context or without history.

    Returns:
        `lignes`: moment, night in words, state, period in words ("" when unknown) for the release before this one and
        the newest barometer and step held before it; `stabilite`: a sentence; `suites`: night in words, state, period
        in words of the newest states, newest first, when there were several.
    """
    rows = world.history.get(indicator["indicateur"], [])
    if indicator["contexte"] or not rows:
        return None
    words, tonight = world.words["fiche"], dt.date.fromisoformat(world.nuit)
    lines = []
    before = _at(rows, tonight - dt.timedelta(days=1))
    if before is not None:
        lines.append(_line(words["connu_version"], None, before))
    for genre in GENRES:
        held = [step for step in world.steps if step["genre"] == genre and step["nuit"] < tonight]
        if held:
            step = max(held, key=lambda s: s["nuit"])
            lines.append(_line(step["titre"], step["nuit"], _at(rows, step["nuit"])))
    runs = [next(group) for _, group in itertools.groupby(rows, key=lambda row: row["etat"])]
    changes, since = len(runs) - 1, numbers.date_in_french(rows[0]["depuis"])
    if changes == 0:
        told = words["connu_stable"].format(depuis=since)
    elif changes == 1:
        told = words["connu_un"].format(depuis=since)
    else:
        told = words["connu_plusieurs"].format(n=changes, depuis=since)
    listed = [(numbers.date_in_french(r["depuis"]), r["etat"], _period(r)) for r in reversed(runs)][:SHOWN]
    return {"lignes": lines, "stabilite": told, "suites": listed if changes else []}


def _at(rows: list[Row], night: dt.date) -> Row | None:
    """The row in force on a night: the last one no later than it."""
    return next((row for row in reversed(rows) if row["depuis"] <= night), None)


def _line(moment: str, night: dt.date | None, row: Row | None) -> Row:
    return {
        "moment": moment,
        "date": numbers.date_in_french(night) if night is not None else "",
        "etat": row["etat"] if row is not None else "",
        "periode": _period(row) if row is not None else "",
    }


def _period(row: Row) -> str:
    return numbers.period_in_french(row["periode"]) if row["periode"] else ""
