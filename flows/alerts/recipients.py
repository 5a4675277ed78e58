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

    `lead_of` and `copied_as` give, per role, the indicators that concern it; `via` lists roles that fell back here;
    `sections` gives the indicators of each part of its message.
    """

    key: str
    address: str
    lead_of: dict[Recipient, list[str]] = field(default_factory=dict)
    copied_as: dict[Recipient, list[str]] = field(default_factory=dict)
    via: dict[Recipient, str] = field(default_factory=dict)
    sections: dict[str, set[str]] = field(default_factory=dict)

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


@dataclass(frozen=True)
class Wanted:
    """One thing that one role is told: an indicator, in a section of its message. `lead`: is an answer asked?"""

    recipient: Recipient
    slug: str
    section: str
    lead: bool


def wanted(
    slugs: Iterable[str], indicators: Mapping[str, Mapping[str, Any]], section: str, *, copies: bool = True
) -> list[Wanted]:
    """What the leads of these indicators are told and, with `copies`, the bodies that follow them."""
    found = []
    for slug in sorted(set(slugs)):
        found += [Wanted(recipient, slug, section, True) for recipient in leads(indicators[slug])]
        if copies:
            found += [Wanted(recipient, slug, section, False) for recipient in bodies(indicators[slug])]
    return found


def mailboxes(told: Iterable[Wanted], contacts: Contacts) -> tuple[list[Mailbox], list[Fallback]]:
    """Mailboxes told these things, by key, and the roles that fell back.

    An address that holds several roles is one mailbox: whatever a night has to say is one message per recipient. An
    indicator that serves no engagement has no lead; the bodies in copy then receive it alone.
    """
    boxes: dict[str, Mailbox] = {}
    fallbacks: dict[str, Fallback] = {}
    for item in told:
        resolution = contacts.resolve(item.recipient)
        if resolution.fallback and item.recipient.role not in NEVER_DIRECT:
            fallbacks[item.recipient.key] = Fallback(item.recipient.key, resolution.fallback)
        # The address is part of the key only: it is a secret, and a key never leaves the outbox.
        targets: Sequence[tuple[str, str]] = [(f"adresse:{a.lower()}", a) for a in resolution.addresses]
        # The Bureau is reached through the 2P2T, with or without an address: never a message of its own.
        holder = PILOT if item.recipient.role in NEVER_DIRECT else item.recipient.key
        for key, address in targets or [(f"role:{holder}", "")]:
            box = boxes.setdefault(key, Mailbox(key, address))
            box.sections.setdefault(item.section, set()).add(item.slug)
            group = box.lead_of if item.lead else box.copied_as
            if item.slug not in group.setdefault(item.recipient, []):
                group[item.recipient].append(item.slug)
            if resolution.fallback == "2p2t":
                box.via[item.recipient] = "2p2t"
    return [boxes[key] for key in sorted(boxes)], [fallbacks[key] for key in sorted(fallbacks)]
