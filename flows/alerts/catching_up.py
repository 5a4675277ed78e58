"""One catch-up of the outbox: tell the releases not told yet, then try what is due.

Not here: composing (a function is handed over), storing (flows.alerts.outbox) and the wire (flows.alerts.smtp).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flows.alerts.changes import Held
from flows.alerts.compose import Composition
from flows.alerts.outbox import FAILED, SENT, TO_SEND, UNCERTAIN, WRITTEN, Outbox, Transport

Composer = Callable[[str, Sequence[Held], "bool | None"], Composition]


def catch_up(
    outbox: Outbox,
    *,
    published: Sequence[str],
    compose: Composer,
    files: Transport,
    smtp: Transport | None,
    nuit: str,
) -> dict[str, Any]:
    """Tell every published release not told yet, then try what is due. Idle runs call it too.

    Args:
        published: ids of the releases published so far, oldest first (a release put back by a rollback was told
            already and is not told again). compose: `(release id, held changes, opening)` → its composition;
            `opening` is True to force the opening message, None to let the release say. files: where messages
            without address, or without mail server, are written. smtp: None without mail settings.

    Returns:
        `mail` of the run record: composed, sent, written, failed, uncertain, pending, fallbacks, not_sent, waiting.
    """
    outbox.recover()
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
        composition = compose(release, outbox.held(), opening)
        composed += outbox.enqueue(composition, nuit=nuit)
        fallbacks |= {item.role: item.vers for item in composition.fallbacks}
        not_sent += [{"indicateur": item.indicateur, "raison": item.raison} for item in composition.not_sent]
    done: dict[str, int] = {}
    for message in outbox.due(nuit):
        if not outbox.begin(message.key, nuit):
            continue
        transport = files if smtp is None or not message.recipient else smtp
        delivery = transport.deliver(message)
        outbox.mark(message.key, delivery)
        done[delivery.state] = done.get(delivery.state, 0) + 1
    counts = outbox.counts()
    return {
        "composed": composed,
        "sent": done.get(SENT, 0),
        "written": done.get(WRITTEN, 0),
        "failed": counts.get(FAILED, 0),
        "uncertain": counts.get(UNCERTAIN, 0),
        "pending": counts.get(FAILED, 0) + counts.get(TO_SEND, 0),
        "fallbacks": [{"role": role, "vers": where} for role, where in sorted(fallbacks.items())],
        "not_sent": not_sent,
        "waiting": outbox.waiting(),
    }


def merge_mail(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Two catch-ups of one run as one `mail` entry: counts of work are added, states are the last ones."""
    out = dict(second)
    for name in ("composed", "sent", "written"):
        out[name] = int(first.get(name, 0)) + int(second.get(name, 0))
    for name in ("fallbacks", "not_sent"):
        seen = [*first.get(name, ()), *second.get(name, ())]
        out[name] = [item for number, item in enumerate(seen) if item not in seen[:number]]
    return out
