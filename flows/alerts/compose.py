"""From a release to its messages: one per recipient, in French, with what is not sent and why.

Not here: which changes count (flows.alerts.changes), who is concerned (flows.alerts.recipients), templates
(site/templates/courriel), storing and sending (flows.alerts.outbox). Composition is pure: the same release, contacts
and templates give the same messages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.alerts.changes import Change, Held, NotSent, select_changes
from flows.alerts.contacts import PILOT, Contacts, Recipient
from flows.alerts.facts import Facts
from flows.alerts.mime import PNG, one_line
from flows.alerts.opening import OPENING_STATES, by_reason, opening_rows, to_carry
from flows.alerts.recipients import Fallback, Mailbox, mailboxes
from flows.alerts.render import render
from flows.core.tables import Release
from flows.core.words import Mode

MAX_CHANGES = 20  # told in full in one message; the others are named with their link
MAX_CHART_BYTES = 200_000
MAX_CHARTS = 3
DEMONSTRATION = "[DÉMONSTRATION]"


@dataclass(frozen=True)
class Message:
    """One message to one recipient. `recipient` is an address, "" when its role has none (`to_file`).

    `key` is stable: the same release, indicators and recipient give the same key, so that nothing is sent twice.
    """

    release: str
    nuit: str
    kind: str
    indicators: tuple[str, ...]
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
        """sha256 (hex) of release, kind, indicators and recipient."""
        who = self.recipient.lower() or "|".join(self.roles)
        return hashlib.sha256(json.dumps([self.release, self.kind, self.indicators, who]).encode()).hexdigest()


@dataclass(frozen=True)
class Composition:
    """What a release gives: messages by recipient, changes not told, roles that fell back."""

    release: str
    messages: tuple[Message, ...]
    not_sent: tuple[NotSent, ...]
    fallbacks: tuple[Fallback, ...]


def compose(
    release: Release,
    contacts: Contacts,
    *,
    base_url: str,
    templates: Path,
    words: Mapping[str, str],
    site: Mapping[str, Any],
    charts: Mapping[str, bytes] | None = None,
    held: Sequence[Held] = (),
    opening: bool | None = None,
) -> Composition:
    """The messages of a release.

    Args:
        base_url: public address of the site, with its final slash. templates: folder of the e-mail templates.
        words: `observatoire`, `projet`, `nom`, `nom_long` (observatoire.toml). charts: {indicator: PNG bytes}.
        site: the words of the site that messages reuse, `etats`, `etats_raisons`, `statuts`, `a_actualiser`,
            `origines`, `documents` and `presences.communes_seules` of site/words.yml.
        held: changes kept back with an earlier release. opening: is it the very first release? When None, it is
            when its changes are marked `premiere` (all of them are, or none).

    Raises:
        ConfigurationError: a template is missing or wrong.
    """
    rows = release.table("fct_status_change").to_pylist()
    first = opening if opening is not None else bool(rows) and all(row["premiere"] for row in rows)
    facts = Facts.of(release, base_url, site)
    common = _common(release, facts, words, base_url)
    if first:
        return _opening(release, contacts, facts, common, templates)
    changes, kept = select_changes(release, held)
    boxes, fallbacks = mailboxes([change.indicateur for change in changes], facts.indicators, contacts)
    by_slug = {change.indicateur: change for change in changes}
    shown = {slug: facts.change(by_slug[slug]) for slug in by_slug}
    messages = [_change_message(release, box, by_slug, shown, common, templates, charts or {}) for box in boxes]
    return Composition(release.id, tuple(messages), tuple(kept), tuple(fallbacks))


def _common(release: Release, facts: Facts, words: Mapping[str, str], base_url: str) -> dict[str, Any]:
    return {
        "observatoire": words["observatoire"],
        "projet": words["projet"],
        "territoire": words["nom"],
        "demonstration": release.mode == Mode.DEMONSTRATION,
        "nuit": facts.night_words,
        "version": release.id,
        "adresse": base_url,
        "page_alertes": f"{base_url}alertes/",
    }


def labels(roles: Iterable[Recipient]) -> list[str]:
    """Names of roles, in the order of their ids."""
    return [role.label for role in sorted(roles, key=lambda role: role.key)]


def _is_pilot(box: Mailbox) -> bool:
    """Is this the 2P2T itself? It is never told to write to itself."""
    return any(role.role == PILOT for role in box.roles)


def _subject(release: Release, words: str, observatory: str) -> str:
    prefix = f"{DEMONSTRATION} " if release.mode == Mode.DEMONSTRATION else ""
    return one_line(f"{prefix}{observatory} : {words}", 150)


def _change_message(
    release: Release,
    box: Mailbox,
    by_slug: Mapping[str, Change],
    shown: Mapping[str, Mapping[str, Any]],
    common: Mapping[str, Any],
    templates: Path,
    charts: Mapping[str, bytes],
) -> Message:
    slugs = box.indicators
    lead = {slug for group in box.lead_of.values() for slug in group}
    # What asks for an answer comes first; then the order of the site.
    ordered = sorted(slugs, key=lambda slug: (slug not in lead, shown[slug]["ordre"], slug))
    images = {}
    for slug in ordered[:MAX_CHARTS]:
        image = charts.get(slug, b"")
        if image.startswith(PNG) and len(image) <= MAX_CHART_BYTES:
            images[slug] = image
    told = [
        {**shown[slug], "lead": slug in lead, "image": f"cid:{slug}" if slug in images else ""}
        for slug in ordered[:MAX_CHANGES]
    ]
    context = {
        **common,
        "changements": told,
        "autres": [shown[slug] for slug in ordered[MAX_CHANGES:]],
        "roles": labels(box.lead_of),
        "copies": labels(box.copied_as),
        "relais": labels(box.via),
        "pilote": _is_pilot(box),
    }
    text, html = render("changement", context, templates)
    if len(ordered) == 1:
        words = f"{shown[ordered[0]]['titre_court']} : {shown[ordered[0]]['objet']}"
    else:
        words = f"{len(ordered)} changements d’état à lire"
    subject = _subject(release, words, common["observatoire"])
    return _message(release, box, "changement", slugs, subject, text, html, images)


def _opening(
    release: Release, contacts: Contacts, facts: Facts, common: Mapping[str, Any], templates: Path
) -> Composition:
    slugs = [slug for slug, row in facts.indicators.items() if not row["contexte"]]
    boxes, fallbacks = mailboxes(slugs, facts.indicators, contacts)
    messages = []
    for box in boxes:
        rows = opening_rows(facts, box.indicators)
        context = {
            **common,
            "etats": [row for row in rows if row["etat"] in OPENING_STATES],
            "inconnus": by_reason([row for row in rows if row["etat"] not in OPENING_STATES]),
            "roles": labels(box.lead_of),
            "copies": labels(box.copied_as),
            "relais": labels(box.via),
            "pilote": to_carry(rows) if _is_pilot(box) else None,
        }
        text, html = render("ouverture", context, templates)
        subject = _subject(release, "ce que vous recevrez, et où nous en sommes", common["observatoire"])
        messages.append(_message(release, box, "ouverture", box.indicators, subject, text, html, {}))
    return Composition(release.id, tuple(messages), (), tuple(fallbacks))


def _message(
    release: Release,
    box: Mailbox,
    kind: str,
    slugs: tuple[str, ...],
    subject: str,
    text: str,
    html: str,
    images: Mapping[str, bytes],
) -> Message:
    roles = box.roles
    return Message(
        release=release.id,
        nuit=release.nuit,
        kind=kind,
        indicators=slugs,
        recipient=box.address,
        roles=tuple(role.key for role in roles),
        role_label=roles[0].header_name,
        subject=subject,
        text=text,
        html=html,
        charts=images,
    )
