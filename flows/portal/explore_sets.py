"""An Explore dataset: what the portal must know of it. Which datasets: `EXPLORED` of `flows.portal.sets`.

Not here: queries and answers (`flows.portal.explore`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.portal.answers import Answer, Ask
from flows.portal.figures import View

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Attached:
    """One attachment: its title, its type, its file."""

    title: str
    mime: str
    file: Callable[[Ask], Answer]


@dataclass(frozen=True)
class Explored:
    """One dataset. `fields` (name → type) is empty when it has attachments only."""

    host: str
    ident: str
    main: str
    publisher: str
    title: Callable[[Ask], str]
    modified: Callable[[Ask], str]
    read: Callable[[View, bool], list[dict[str, Any]]]
    fields: Mapping[str, str] = field(default_factory=dict)
    attachments: Mapping[str, Attached] = field(default_factory=dict)

    def records(self, view: View, *, repeat: bool = True) -> list[dict[str, Any]]:
        return self.read(view, repeat)


def altered(ask: Ask, host: str, ident: str, leaves: tuple[str, ...]) -> bool:
    """True when a fault alters the figures behind one of these leaves of a dataset: its date then moves."""
    base = f"/api/explore/v2.1/catalog/datasets/{ident}"
    return any(ask.view.at(host, f"{base}/{leaf}").altered for leaf in leaves)
