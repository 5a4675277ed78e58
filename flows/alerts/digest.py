"""One message to one recipient: which sections it has, in which order, with which subject and charts.

Not here: who is told what (flows.alerts.compose), the facts of a section (flows.alerts.facts, flows.alerts.opening)
and bytes (flows.alerts.mime). A night gives a recipient one message, whatever it has to say.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.alerts.contacts import PILOT, Recipient
from flows.alerts.facts import Facts
from flows.alerts.machine import ENTERS, REMINDS, YEARLY
from flows.alerts.mime import PNG, one_line
from flows.alerts.opening import OPENING_STATES, by_reason, opening_rows, to_carry, without_objective
from flows.alerts.recipients import Mailbox
from flows.alerts.render import render
from flows.core.tables import Release
from flows.core.words import Mode

MAX_CHANGES = 20  # told in full in one message; the others are named with their link
MAX_CHART_BYTES = 260_000
MAX_CHARTS_BYTES = 650_000  # of all of them: a message stays well under what servers take
MAX_CHARTS = 3
DEMONSTRATION = "[DÉMONSTRATION]"


@dataclass(frozen=True)
class Message:
    """One message to one recipient. `recipient` is an address, "" when its role has none (`to_file`).

    `key` is stable: the same events and recipient give the same key, so that nothing is sent twice.
    """

    release: str
    nuit: str
    kind: str
    events: tuple[str, ...]
    recipient: str = field(repr=False)
    roles: tuple[str, ...]
    role_label: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    charts: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def to_file(self) -> bool:
        return not self.recipient

    @property
    def key(self) -> str:
        """sha256 (hex) of kind, events and recipient."""
        who = self.recipient.lower() or "|".join(self.roles)
        return hashlib.sha256(json.dumps([self.kind, self.events, who]).encode()).hexdigest()


def labels(roles: Iterable[Recipient]) -> list[str]:
    """Names of roles, in the order of their ids."""
    return [role.label for role in sorted(roles, key=lambda role: role.key)]


@dataclass(frozen=True)
class Writer:
    """Writes the messages of one release; see `flows.alerts.compose.compose` for what it is given."""

    release: Release
    facts: Facts
    words: Mapping[str, str]
    base_url: str
    templates: Path
    charts: Mapping[str, bytes]

    def digest(self, box: Mailbox, events: Sequence[Mapping[str, Any]]) -> Message:
        """What a night has to say to one mailbox, from the events of the alert log."""
        own = [row for row in events if _concerns(row, box)]
        lead = {slug for group in box.lead_of.values() for slug in group}
        alerts = {row["alerte"]: row for row in self.release.table("fct_alert").to_pylist()}
        blocks = [
            self.facts.event(row, alerts.get(row["alerte"]) or {}) | {"destinataires": row["destinataires"]}
            for row in own
            if row["alerte"]
        ]
        # What asks for an answer comes first; then the order of the site.
        blocks.sort(key=lambda b: (b["indicateur"] not in lead, b["genre"] == REMINDS, b["ordre"], b["cle"]))
        images = self._images(blocks)
        for block in blocks:
            block["lead"] = block["indicateur"] in lead
            block["image"] = f"cid:{block['indicateur']}" if block["indicateur"] in images else ""
        confirm = [b for b in blocks if b["destinataires"] == "intendant"]
        reminders = [b for b in blocks if b["genre"] == REMINDS and b not in confirm]
        changes = [b for b in blocks if b not in confirm and b not in reminders]
        without = without_objective(self.facts, sorted(box.sections.get("sans_trajectoire", ())))
        context = self._context(box) | {
            "changements": changes[:MAX_CHANGES],
            "autres": changes[MAX_CHANGES:],
            "rappels": reminders,
            "a_confirmer": confirm,
            "sans_trajectoire": without,
            "pilote": _is_pilot(box),
        }
        text, html = render("changement", context, self.templates)
        subject = self._subject(_told(changes, reminders, confirm, without))
        keys = tuple(sorted({row["cle"] for row in own}))
        return self._message(box, "changement", keys, subject, (text, html), images)

    def opening(self, box: Mailbox) -> Message:
        """The message of the very first release: what will be sent, and where each indicator stands."""
        rows = opening_rows(self.facts, box.indicators)
        context = self._context(box) | {
            "etats": [row for row in rows if row["etat"] in OPENING_STATES],
            "inconnus": by_reason([row for row in rows if row["etat"] not in OPENING_STATES]),
            "pilote": to_carry(rows) if _is_pilot(box) else None,
        }
        bodies = render("ouverture", context, self.templates)
        subject = self._subject("ce que vous recevrez, et où nous en sommes")
        return self._message(box, "ouverture", (f"ouverture/{self.release.id}",), subject, bodies, {})

    def _context(self, box: Mailbox) -> dict[str, Any]:
        return {
            "observatoire": self.words["observatoire"],
            "projet": self.words["projet"],
            "territoire": self.words["nom"],
            "demonstration": self.release.mode == Mode.DEMONSTRATION,
            "nuit": self.facts.night_words,
            "version": self.release.id,
            "adresse": self.base_url,
            "page_alertes": f"{self.base_url}alertes/",
            "roles": labels(box.lead_of),
            "copies": labels(box.copied_as),
            "relais": labels(box.via),
        }

    def _images(self, blocks: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
        images = {}
        for slug in list(dict.fromkeys(block["indicateur"] for block in blocks))[:MAX_CHARTS]:
            image = self.charts.get(slug, b"")
            whole = sum(map(len, images.values())) + len(image)
            if image.startswith(PNG) and len(image) <= MAX_CHART_BYTES and whole <= MAX_CHARTS_BYTES:
                images[slug] = image
        return images

    def _subject(self, words: str) -> str:
        prefix = f"{DEMONSTRATION} " if self.release.mode == Mode.DEMONSTRATION else ""
        return one_line(f"{prefix}{self.words['observatoire']} : {words}", 150)

    def _message(
        self,
        box: Mailbox,
        kind: str,
        events: tuple[str, ...],
        subject: str,
        bodies: tuple[str, str],
        images: Mapping[str, bytes],
    ) -> Message:
        roles = box.roles
        return Message(
            release=self.release.id,
            nuit=self.release.nuit,
            kind=kind,
            events=events,
            recipient=box.address,
            roles=tuple(role.key for role in roles),
            role_label=roles[0].header_name,
            subject=subject,
            text=bodies[0],
            html=bodies[1],
            charts=images,
        )


def _is_pilot(box: Mailbox) -> bool:
    """Is this the 2P2T itself? It is never told to write to itself."""
    return any(role.role == PILOT for role in box.roles)


def _concerns(row: Mapping[str, Any], box: Mailbox) -> bool:
    """Is this event told in the message of this mailbox?"""
    if row["evenement"] == YEARLY:
        return "sans_trajectoire" in box.sections
    section = "changements"
    if row["destinataires"] == "intendant":
        section = "a_confirmer"
    elif row["evenement"] == REMINDS:
        section = "rappels"
    return row["indicateur"] in box.sections.get(section, ())


def _told(
    changes: Sequence[Mapping[str, Any]],
    reminders: Sequence[Mapping[str, Any]],
    confirm: Sequence[Mapping[str, Any]],
    without: Sequence[Mapping[str, Any]],
) -> str:
    """Subject: the one thing to read, or how many there are."""
    if len(changes) == 1 and not confirm:
        return f"{changes[0]['titre_court']} : {changes[0]['objet']}"
    if changes:
        drifting = sum(block["genre"] == ENTERS for block in changes)
        return f"{len(changes) + len(confirm)} changements d’état à lire" + (
            ", dont un écart" if drifting == 1 else ""
        )
    if confirm:
        return (
            f"{confirm[0]['titre_court']} : à confirmer" if len(confirm) == 1 else f"{len(confirm)} états à confirmer"
        )
    if len(reminders) == 1 and not without:
        return f"{reminders[0]['titre_court']} : {reminders[0]['objet']}"
    if reminders:
        return "le point sur vos indicateurs"
    return "vos indicateurs sans objectif, et ce que disent les documents"
