"""One catch-up of the outbox: tell the releases not told yet, then try what is due.

Not here: composing (a function is handed over), storing (flows.alerts.outbox) and the wire (flows.alerts.smtp,
flows.alerts.webhook).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from flows.alerts.compose import Composition
from flows.alerts.outbox import (
    FAILED,
    GIVEN_UP,
    REFUSED,
    SENT,
    TO_SEND,
    WEBHOOK,
    WRITTEN,
    Outbox,
    Stored,
    Transport,
)

Composer = Callable[[str, Collection[str], "bool | None"], Composition]
Hook = Callable[[Composition], bytes]


def catch_up(
    outbox: Outbox,
    *,
    published: Sequence[str],
    compose: Composer,
    files: Transport,
    smtp: Transport | None,
    nuit: str,
    hook: Hook = lambda composition: b"",
    webhook: Transport | None = None,
) -> dict[str, Any]:
    """Tell every published release not told yet, then try what is due. Idle runs call it too.

    Args:
        published: ids of the releases published so far, oldest first (a release put back by a rollback was told
            already and is not told again). compose: `(release id, keys of events already told, opening)` → its
            composition; `opening` is True to force the opening message, None to let the release say. files: where
            messages without address, or without mail server, are written. smtp: None without mail settings. hook:
            body of the webhook call of a release, b"" for none. webhook: None when no address is set.

    Returns:
        `mail` of the run record: composed, sent, written, failed, refused, pending, resumed, webhook, fallbacks,
        not_sent, waiting.
    """
    resumed = outbox.recover()
    told = outbox.handled()
    new = [release for release in dict.fromkeys(published) if release not in told]
    opening: bool | None = None
    if not told and len(new) > 1:
        # The outbox was lost or is younger than the warehouse: telling every old release again would flood people.
        for release in new[:-1]:
            outbox.skip(release, nuit=nuit, note="publiée avant la boîte d’envoi")
        new, opening = new[-1:], True
    composed, fallbacks, not_sent = 0, {}, []
    for release in new:
        composition = compose(release, outbox.events_told(), opening)
        composed += outbox.enqueue(composition, nuit=nuit, hook=hook(composition) if webhook else b"")
        fallbacks |= {item.role: item.vers for item in composition.fallbacks}
        not_sent += [{"indicateur": item.indicateur, "raison": item.raison} for item in composition.not_sent]
    done = _deliver(outbox, nuit, files, smtp, webhook)
    counts = outbox.counts()
    return {
        "composed": composed,
        "sent": done.get(SENT, 0),
        "written": done.get(WRITTEN, 0),
        "webhook": done.get(WEBHOOK, 0),
        "resumed": resumed,
        "failed": counts.get(FAILED, 0) + counts.get(GIVEN_UP, 0),
        "refused": counts.get(REFUSED, 0),
        "pending": counts.get(FAILED, 0) + counts.get(TO_SEND, 0),
        "fallbacks": [{"role": role, "vers": where} for role, where in sorted(fallbacks.items())],
        "not_sent": not_sent,
        "waiting": outbox.waiting(),
    }


def _deliver(
    outbox: Outbox, nuit: str, files: Transport, smtp: Transport | None, webhook: Transport | None
) -> dict[str, int]:
    """Try what is due; number of messages by outcome, calls of the webhook that were taken under `webhook`."""
    done: dict[str, int] = {}
    silent: list[Transport] = []
    for message in outbox.due(nuit):
        transport = _way(message, files, smtp, webhook)
        # A server that did not answer once tonight is left alone: the rest stays due, without a try counted.
        if transport is None or transport in silent or not outbox.begin(message.key, nuit):
            continue
        delivery = transport.deliver(message)
        if not delivery.reachable:
            silent.append(transport)
        state = outbox.mark(message.key, delivery, nuit)
        name = WEBHOOK if message.channel == WEBHOOK and state == SENT else state
        done[name] = done.get(name, 0) + 1
    return done


def _way(message: Stored, files: Transport, smtp: Transport | None, webhook: Transport | None) -> Transport | None:
    if message.channel == WEBHOOK:
        return webhook
    return files if smtp is None or not message.recipient else smtp


def merge_mail(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Two catch-ups of one run as one `mail` entry: counts of work are added, states are the last ones."""
    out = dict(second)
    for name in ("composed", "sent", "written", "webhook", "resumed"):
        out[name] = int(first.get(name, 0)) + int(second.get(name, 0))
    for name in ("fallbacks", "not_sent"):
        seen = [*first.get(name, ()), *second.get(name, ())]
        out[name] = [item for number, item in enumerate(seen) if item not in seen[:number]]
    return out
