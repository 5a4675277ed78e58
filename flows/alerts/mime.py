"""A message as bytes: headers, a text part, an HTML part and, when charts were handed over, inline images.

Not here: what is said (flows.alerts.compose) and sending (flows.alerts.smtp). The same message always gives the same
bytes: identifier, boundaries and date come from its content and from the night of its release, never from a clock.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from flows.core.errors import ObservatoireError

MAX_BYTES = 1_000_000  # what any mail server accepts; charts are left out before the text is
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
PNG = b"\x89PNG\r\n\x1a\n"


class MessageTooLarge(ObservatoireError):
    """A message exceeds what mail servers accept, even without its charts."""


def one_line(text: str, limit: int = 200) -> str:
    """Text fit for a header: no line break or control character (no header can be injected), cut at `limit`."""
    flat = " ".join(_CONTROL.sub(" ", text).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def build(
    *,
    message_id: str,
    subject: str,
    sender: str,
    sender_name: str,
    recipient: str,
    recipient_name: str,
    text: str,
    html: str,
    nuit: str,
    charts: Mapping[str, bytes] | None = None,
) -> bytes:
    """The message in RFC 5322 bytes (CRLF), at most `MAX_BYTES`.

    Args:
        recipient: an address, or "" for a role without one: the header then names the role under the reserved
            domain `.invalid`, so that such a file can never be sent by mistake.
        charts: {content id: PNG bytes}, shown by the HTML part as `cid:<content id>`.

    Raises:
        MessageTooLarge: text and HTML alone exceed `MAX_BYTES`.
    """
    people = (sender, sender_name, recipient, recipient_name)
    raw = _assemble(message_id, subject, people, text, html, nuit, charts or {})
    if len(raw) > MAX_BYTES:
        raise MessageTooLarge(
            "Un courriel dépasse la taille admise.",
            where=one_line(subject),
            todo="raccourcir les textes de l’indicateur ou de la trajectoire.",
        )
    return raw


def _assemble(
    message_id: str,
    subject: str,
    people: tuple[str, str, str, str],
    text: str,
    html: str,
    nuit: str,
    charts: Mapping[str, bytes],
) -> bytes:
    sender, sender_name, recipient, recipient_name = people
    message = EmailMessage(policy=SMTP)
    night = dt.date.fromisoformat(nuit)
    message["Date"] = dt.datetime(night.year, night.month, night.day, 5, 0, tzinfo=dt.UTC)
    message["Message-ID"] = message_id
    message["From"] = Address(one_line(sender_name, 60), addr_spec=sender)
    message["To"] = Address(one_line(recipient_name, 60), addr_spec=recipient or "sans-adresse@contact.invalid")
    message["Subject"] = one_line(subject, 180)
    message["Auto-Submitted"] = "auto-generated"
    # A person answers it: whoever should not receive these messages is replaced by one line of the contacts file.
    message["List-Unsubscribe"] = f"<mailto:{sender}?subject=Ne%20plus%20recevoir%20les%20alertes>"
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    if charts:
        part = message.get_payload()[1]  # type: ignore[index]
        for name, image in sorted(charts.items()):
            part.add_related(image, maintype="image", subtype="png", cid=f"<{name}>", disposition="inline")  # type: ignore[union-attr]
    # Set last: turning a message into a multipart one moves its Content-* headers into the first part.
    message["Content-Language"] = "fr"
    seed = hashlib.sha256(message_id.encode()).hexdigest()
    for number, part in enumerate(p for p in message.walk() if p.is_multipart()):
        part.set_boundary(f"obs-{seed[:24]}-{number}")
    for part in message.walk():
        # The library adds this to each part; one header on the whole is what the format asks for.
        if part is not message and "MIME-Version" in part:
            del part["MIME-Version"]
    return message.as_bytes()
