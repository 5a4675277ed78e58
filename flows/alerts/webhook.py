"""The webhook: the events of a release as one JSON document, posted to one address with a signed body.

Not here: storing and retrying (the outbox treats it as a message) and which events there are (the alert ledger).
The receiver checks `X-Observatoire-Signature: sha256=<hex>`, the HMAC-SHA256 of the body with the shared secret, and
knows a repeated call by `Idempotency-Key`. What is sent is what the public page says: no address, no deposit.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from flows.alerts.outbox import FAILED, REFUSED, SENT, Delivery, Stored
from flows.failpoints import failpoint

_KEYS = (
    "cle",
    "alerte",
    "indicateur",
    "evenement",
    "destinataires",
    "etat_avant",
    "etat_apres",
    "periode",
    "cause",
    "raison",
)


def body(release: str, nuit: str, base_url: str, events: Sequence[Mapping[str, Any]]) -> bytes:
    """The JSON document of a release (UTF-8, sorted keys), b"" when it has no event."""
    if not events:
        return b""
    told = [
        {name: row[name] or "" for name in _KEYS}
        | {"page": f"{base_url}indicateurs/{row['indicateur'].replace('_', '-')}/" if row["indicateur"] else base_url}
        for row in events
    ]
    document = {"version": release, "nuit": nuit, "page": f"{base_url}alertes/", "evenements": told}
    return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()


def signature(secret: str, raw: bytes) -> str:
    """`sha256=<hex>` of a body."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A signed body goes where it was addressed, nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True)
class WebhookTransport:
    """Posts stored bodies. `timeout` in seconds."""

    address: str
    secret: str = field(repr=False)
    timeout: float = 15.0

    def deliver(self, message: Stored) -> Delivery:
        """One attempt. Nothing is raised: the outcome says what is known; the address is never repeated."""
        request = urllib.request.Request(
            self.address,
            data=message.raw,
            method="POST",
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Idempotency-Key": message.key,
                "X-Observatoire-Signature": signature(self.secret, message.raw),
                "User-Agent": "Observatoire-2044",
            },
        )
        # No proxy of the machine: the address is the one a person wrote in the settings.
        opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
        failpoint("webhook.avant_reponse")
        try:
            with opener.open(request, timeout=self.timeout) as answer:
                code = answer.status
        except urllib.error.HTTPError as error:
            code = error.code
            error.close()
        except (OSError, ValueError, HTTPException) as error:  # the last: what answers does not speak HTTP
            return Delivery(FAILED, f"le destinataire n’est pas joignable ({type(error).__name__})")
        failpoint("webhook.apres_reponse")
        if 200 <= code < 300:
            return Delivery(SENT)
        # Too many requests and timeouts pass; the other refusals of a request will be the same tomorrow.
        state = REFUSED if 400 <= code < 500 and code not in (408, 409, 425, 429) else FAILED
        return Delivery(state, f"le destinataire a répondu {code}")
