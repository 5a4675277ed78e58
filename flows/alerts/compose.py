"""From a release to its messages: one per recipient, in French, with what is not sent and why.

Not here: what is worth telling (the alert ledger of the release), who is concerned (flows.alerts.recipients),
templates (site/templates/courriel), the layout of one message (flows.alerts.digest), storing and sending
(flows.alerts.outbox). Composition is pure: the same release, contacts and templates give the same messages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.alerts.contacts import Contacts, Recipient
from flows.alerts.digest import Message, Writer
from flows.alerts.facts import Facts
from flows.alerts.machine import ENTERS, LEADS, LEAVES, REACHES, REMINDS, STEWARD, YEARLY
from flows.alerts.recipients import Fallback, Wanted, leads, mailboxes, wanted
from flows.core.tables import Release
from flows.core.words import Etat

CHANGES, REMINDERS, WITHOUT, TO_CONFIRM = "changements", "rappels", "sans_trajectoire", "a_confirmer"
TOLD = (ENTERS, LEAVES, REACHES)
STEWARD_ROLE = Recipient("role_services_donnees")
AGAIN = "déjà annoncé avec une publication retirée depuis"


@dataclass(frozen=True)
class NotSent:
    """An event of the log that is written to nobody, with the French reason."""

    indicateur: str
    raison: str


@dataclass(frozen=True)
class Composition:
    """What a release gives: messages by recipient, events not told, roles that fell back, every event by its key."""

    release: str
    messages: tuple[Message, ...]
    not_sent: tuple[NotSent, ...]
    fallbacks: tuple[Fallback, ...]
    events: tuple[Mapping[str, Any], ...] = ()


def compose(
    release: Release,
    contacts: Contacts,
    *,
    base_url: str,
    templates: Path,
    words: Mapping[str, str],
    site: Mapping[str, Any],
    charts: Mapping[str, bytes] | None = None,
    told: Collection[str] = (),
    opening: bool | None = None,
) -> Composition:
    """The messages of a release.

    Args:
        base_url: public address of the site, with its final slash. templates: folder of the e-mail templates.
        words: `observatoire`, `projet`, `nom`, `nom_long` (observatoire.toml). charts: {indicator: PNG bytes}.
        site: the words of the site that messages reuse, `etats`, `etats_raisons`, `statuts`, `a_actualiser`,
            `origines`, `documents` and `presences.communes_seules` of site/words.yml.
        told: keys of events that earlier messages told: a release put back by a rollback, then followed by another
            that decides the same, tells nothing twice. opening: is it the very first release? When None, it is when
            its changes are marked `premiere` (all of them are, or none).

    Raises:
        ConfigurationError: a template is missing or wrong.
    """
    rows = release.table("fct_status_change").to_pylist()
    first = opening if opening is not None else bool(rows) and all(row["premiere"] for row in rows)
    facts = Facts.of(release, base_url, site)
    writer = Writer(release, facts, words, base_url, templates, charts or {})
    if first:
        slugs = [slug for slug, row in facts.indicators.items() if not row["contexte"]]
        boxes, fallbacks = mailboxes(wanted(slugs, facts.indicators, "ouverture"), contacts)
        return Composition(release.id, tuple(writer.opening(box) for box in boxes), (), tuple(fallbacks))
    log = [row for row in release.table("fct_alert_log").to_pylist() if row["version"] == release.id]
    kept = [NotSent(row["indicateur"], row["raison"]) for row in log if not row["destinataires"] and row["raison"]]
    kept += [NotSent(row["indicateur"], AGAIN) for row in log if row["destinataires"] and row["cle"] in told]
    new = [row for row in log if row["destinataires"] and row["cle"] not in told]
    boxes, fallbacks = mailboxes(_wanted(new, facts), contacts)
    messages = tuple(writer.digest(box, new) for box in boxes)
    return Composition(release.id, messages, tuple(kept), tuple(fallbacks), tuple(log))


def _wanted(events: list[Mapping[str, Any]], facts: Facts) -> list[Wanted]:
    """Who is told what tonight. Reminders and the yearly note are for leads: bodies in copy read the page."""
    found: list[Wanted] = []
    for row in events:
        slug, known = row["indicateur"], facts.indicators
        if row["destinataires"] == STEWARD:
            found.append(Wanted(STEWARD_ROLE, slug, TO_CONFIRM, True))
        elif row["evenement"] == YEARLY:
            found += wanted(_without(facts), known, WITHOUT, copies=False)
        elif row["destinataires"] == LEADS:
            section = REMINDERS if row["evenement"] == REMINDS else CHANGES
            found += wanted([slug], known, section, copies=section == CHANGES)
    return found


def _without(facts: Facts) -> list[str]:
    """Indicators that have a lead and no objective, or an incomplete one."""
    return [
        slug
        for slug, row in facts.indicators.items()
        if leads(row) and (facts.statuses.get(slug) or {}).get("etat") == Etat.TRAJECTOIRE_A_FIXER
    ]
