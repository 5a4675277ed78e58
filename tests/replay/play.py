"""Ten years night by night: figures → states (the project's SQL) → alert ledger → messages (the project's own code).

Not here: whole nights over the portal, which `tests/story` plays and `tests/flows` checks; sending. A night between
two of these has no release to build (same inputs, no deadline crossed): `quiet` looks at what one would have said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.alerts.compose import Composition, compose
from flows.alerts.contacts import Contacts
from flows.alerts.ledger import Ledger, advance, coming_days
from flows.core.tables import TABLES
from flows.warehouse.etat import deadlines
from tests.alerts.conftest import GIVEN
from tests.replay.engine import Engine, rows_in
from tests.replay.scenario import EPCI, STORIES, WITHOUT, World, nights
from tests.tiny_release import TinyRelease

ROLES = ("referent_e1", "referent_e2", "referent_e3", "role_2p2t", "role_services_donnees")
CONTACTS = Contacts({(role, ""): (f"{role.replace('_', '-')}@exemple.fr",) for role in ROLES})
UNIT = "unité du rejeu"


@dataclass(frozen=True)
class Night:
    """A night lived in full: what the sources did (nothing: a deadline passed), and what people were sent."""

    nuit: dt.date
    what: tuple[str, ...]
    told: Composition


@dataclass
class Play:
    """The replay, from night to night."""

    engine: Engine
    world: World = field(default_factory=World)
    ledger: Ledger | None = None
    statuses: pa.Table = field(default_factory=lambda: TABLES["fct_status"].empty_table())
    since: dt.date | None = None
    told: set[str] = field(default_factory=set)
    due: list[dt.date] = field(default_factory=list)

    def through(self, until: dt.date) -> Iterator[Night]:
        """Every night of the scenario before `until`, and every deadline in between."""
        planned = nights()
        for nuit, changes in planned.items():
            if nuit >= until:
                break
            yield from self._deadlines(nuit)
            for _, change in changes:
                change(self.world)
            yield self._live(nuit, tuple(what for what, _ in changes))
        yield from self._deadlines(until)

    def _deadlines(self, until: dt.date) -> Iterator[Night]:
        while self.due and self.due[0] < until:
            yield self._live(self.due[0], ())

    def _live(self, nuit: dt.date, what: tuple[str, ...]) -> Night:
        release, self.ledger = self._release(nuit)
        first = self.since is None
        composition = compose(
            release, CONTACTS, opening=first, told=self.told, **GIVEN | {"base_url": "https://o.example/"}
        )
        self.told |= {key for message in composition.messages for key in message.events}
        self.statuses, self.since = release.table("fct_status"), nuit
        days = {dt.date.fromisoformat(day) for day in deadlines(release)} | set(coming_days(nuit, self.ledger.alerts))
        self.due = sorted(day for day in days if day > nuit)
        return Night(nuit, what, composition)

    def quiet(self, nuit: dt.date) -> tuple[list[dict[str, Any]], bool]:
        """What a release of a night on which nothing happened would say: events, and did any state move?"""
        assert self.ledger is not None
        release, after = self._release(nuit)
        moved = release.table("fct_status_change").num_rows > 0
        return [dict(row) for row in after.log[len(self.ledger.log) :]], moved or after.alerts != self.ledger.alerts

    def _release(self, nuit: dt.date) -> tuple[TinyRelease, Ledger]:
        slugs = [*(story.slug for story in STORIES), *WITHOUT]
        known = self.engine.indicators.to_pylist()
        indicators = [
            {**row, "unite": UNIT, "unite_courte": "u", "attente": "", "saisie": "non", "calcule": True, "raison": ""}
            for row in known
            if row["indicateur"] in slugs
        ]
        template = self.engine.trajectory.to_pylist()[0]
        blank = {name: None for name in template} | {name: template[name] for name in ("tolerance", "edition")}
        place = {"territoire_niveau": "epci", "territoire_code": EPCI}
        given = {
            "dim_indicator": pa.Table.from_pylist(indicators, schema=TABLES["dim_indicator"]),
            "fct_observation": rows_in(TABLES["fct_observation"].empty_table(), self._figures()),
            "dim_rupture": rows_in(TABLES["dim_rupture"].empty_table(), self.world.breaks),
            "stg_referentiel__trajectoires": rows_in(
                self.engine.trajectory,
                [blank | place | {"unite": UNIT} | row for _, row in sorted(self.world.trajectories.items())],
            ),
            "predecessor_status": self.statuses,
        }
        found = self.engine.run(nuit, given)
        tables = {name: schema.empty_table() for name, schema in TABLES.items()}
        own = {"niveau": "epci", "code": EPCI, "nom": "La Porte du Hainaut", "role": "territoire"}
        tables["dim_territory"] = rows_in(tables["dim_territory"], [own])
        tables |= {name: table for name, table in given.items() if name in TABLES} | found
        release = TinyRelease(tables=tables, id=f"{nuit.isoformat()}-rejeu", nuit=nuit.isoformat(), mode="reel")
        ledger = advance(release, before=self.ledger, statuses=self.statuses.to_pylist(), since=self.since)
        alerts, log = ledger.tables()
        tables |= {"fct_alert": alerts, "fct_alert_log": log}
        return release, ledger

    def _figures(self) -> list[dict[str, Any]]:
        return [
            {
                "indicateur": slug, "territoire_niveau": "epci", "territoire_code": EPCI, "periode": period,
                "territoire": "La Porte du Hainaut", "annee": float(period), "ventilation": "", "unite": UNIT,
                "nature": "publie", "note": "", "millesime": period, "source": "Producteur, jeu", "editions": [],
                "licence": "Licence Ouverte 2.0", "jeux": [], "perime_depuis": self.world.stale.get(slug), **row,
            }
            for (slug, period), row in sorted(self.world.figures.items())
        ]  # fmt: skip


def engine_of(database: Path, compiled: Path, built: dt.date) -> Engine:
    """The engine of one dbt build."""
    return Engine(database, compiled, built)


def listing(played: list[Night]) -> str:
    """What each person would have received, year by year: the golden text."""
    lines = []
    for role in ROLES:
        address = CONTACTS.entries[role, ""][0]
        lines += [f"# {role}", ""]
        for year in sorted({night.nuit.year for night in played}):
            mine = [
                (night, message)
                for night in played
                if night.nuit.year == year
                for message in night.told.messages
                if message.recipient == address
            ]
            lines.append(f"{year} : {len(mine)} message(s)")
            for night, message in mine:
                lines.append(f"  {night.nuit} {message.subject}")
                lines += [f"    {event}" for event in message.events]
        lines.append("")
    return "\n".join(lines)
