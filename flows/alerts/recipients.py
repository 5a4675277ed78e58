"""Who an indicator concerns: leads of the engagements it serves, and the bodies of the catalogue in copy.

Not here: addresses (flows.alerts.contacts) and what is written (flows.alerts.compose).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.alerts.contacts import NEVER_DIRECT, PILOT, Contacts, Recipient

_ENGAGEMENT = re.compile(r"^e([1-3])$")


@dataclass
class Mailbox:
    """One recipient of a release: an address, or a role without any address (`address` empty: a file is written).

    `lead_of` and `copied_as` give, per role, the indicators that concern it; `via` lists roles that fell back here.
    """

    key: str
    address: str
    lead_of: dict[Recipient, list[str]] = field(default_factory=dict)
    copied_as: dict[Recipient, list[str]] = field(default_factory=dict)
    via: dict[Recipient, str] = field(default_factory=dict)

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator this mailbox is told about, sorted."""
        groups = [*self.lead_of.values(), *self.copied_as.values()]
        return tuple(sorted({slug for group in groups for slug in group}))

    @property
    def roles(self) -> tuple[Recipient, ...]:
        """Roles, leads first, each once."""
        return tuple(dict.fromkeys([*sorted(self.lead_of, key=_by_key), *sorted(self.copied_as, key=_by_key)]))


@dataclass(frozen=True)
class Fallback:
    """A role whose messages went elsewhere: `vers` is `2p2t` or `fichier`."""

    role: str
    vers: str


def _by_key(recipient: Recipient) -> str:
    return recipient.key


def leads(indicator: Mapping[str, Any]) -> list[Recipient]:
    """`referent_e1..e3` of the engagements that a row of `dim_indicator` serves, in order."""
    found = {m[1] for e in indicator["engagements"] or () if (m := _ENGAGEMENT.match(e))}
    return [Recipient(f"referent_e{n}") for n in sorted(found)]


def bodies(indicator: Mapping[str, Any]) -> list[Recipient]:
    """Bodies in copy, from `destinataires`; always the 2P2T, which follows every alert."""
    found = {Recipient.parse(text) for text in indicator["destinataires"] or ()}
    return sorted(found | {Recipient(PILOT)}, key=_by_key)


def mailboxes(
    slugs: Iterable[str], indicators: Mapping[str, Mapping[str, Any]], contacts: Contacts
) -> tuple[list[Mailbox], list[Fallback]]:
    """Mailboxes told about these indicators, by key, and the roles that fell back.

    An address that holds several roles is one mailbox: several changes are one message per recipient. An indicator
    that serves no engagement has no lead; the bodies in copy then receive it alone.
    """
    boxes: dict[str, Mailbox] = {}
    fallbacks: dict[str, Fallback] = {}

    def add(recipient: Recipient, slug: str, lead: bool) -> None:
        resolution = contacts.resolve(recipient)
        if resolution.fallback and recipient.role not in NEVER_DIRECT:
            fallbacks[recipient.key] = Fallback(recipient.key, resolution.fallback)
        # The address is part of the key only: it is a secret, and a key never leaves the outbox.
        targets: Sequence[tuple[str, str]] = [(f"adresse:{a.lower()}", a) for a in resolution.addresses]
        # The Bureau is reached through the 2P2T, with or without an address: never a message of its own.
        holder = PILOT if recipient.role in NEVER_DIRECT else recipient.key
        for key, address in targets or [(f"role:{holder}", "")]:
            box = boxes.setdefault(key, Mailbox(key, address))
            group = box.lead_of if lead else box.copied_as
            if slug not in group.setdefault(recipient, []):
                group[recipient].append(slug)
            if resolution.fallback == "2p2t":
                box.via[recipient] = "2p2t"

    for slug in sorted(set(slugs)):
        for recipient in leads(indicators[slug]):
            add(recipient, slug, True)
        for recipient in bodies(indicators[slug]):
            add(recipient, slug, False)
    return [boxes[key] for key in sorted(boxes)], [fallbacks[key] for key in sorted(fallbacks)]
