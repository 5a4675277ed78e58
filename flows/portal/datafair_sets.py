"""A data-fair dataset: what the portal must know of it. Which datasets: `FAIRS` of `flows.portal.sets`.

Not here: queries and answers (`flows.portal.datafair`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flows.portal.answers import Ask
from flows.portal.figures import View
from flows.portal.payloads import Csv

Records = list[tuple[dict[str, Any], int]]
Schema = dict[str, tuple[str, str, str]]  # key → (type, title, original column name)


@dataclass(frozen=True)
class Fair:
    """One dataset. `read` turns a view into (record, weight) pairs; `main` is the key its clients need."""

    host: str
    slug: str
    ident: str
    title: str
    main: str
    table: str
    schema: Schema
    read: Callable[[View, bool], Records]
    modified: str = ""
    lines: bool = True
    raw: Callable[[View], Csv] | None = None  # the original file, when it is served (`/raw`)
    bbox: tuple[float, ...] = ()

    def records(self, view: View, *, repeat: bool = True) -> Records:
        return self.read(view, repeat)

    def updated(self, ask: Ask) -> dt.datetime:
        """When the data last changed: the recorded date, or this morning when a fault altered the figures."""
        base = f"/data-fair/api/v1/datasets/{self.slug}"
        if any(ask.view.at(self.host, f"{base}/{leaf}").altered for leaf in ("lines", "values_agg", "raw")):
            return dt.datetime.combine(ask.today, dt.time(4), dt.UTC)
        date = self.modified or max(row["date_etat"] for row in ask.view.figures.table(self.table))
        return dt.datetime.combine(dt.date.fromisoformat(date), dt.time(6, 12, 31), dt.UTC)


def columns(text: str) -> Schema:
    """A schema written one column a line: key, type, original name, separated by bars."""
    schema: Schema = {}
    for line in text.strip().splitlines():
        key, kind, original = (piece.strip() for piece in line.split("|"))
        schema[key] = (kind, original, original)
    return schema
