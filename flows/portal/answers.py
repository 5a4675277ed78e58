"""A request as a publisher sees it, and the answer it gives: the two objects every route speaks in.

Not here: sockets (`flows.portal.server`), encodings (`flows.portal.payloads`), faults (`flows.portal.faults`).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from flows.core.errors import ObservatoireError
from flows.portal.payloads import Json, Payload, Raw, Text

if TYPE_CHECKING:
    from flows.portal.figures import View

JSON_UTF8 = "application/json; charset=utf-8"
SIMULATED = {"X-Observatoire-Simule": "1"}  # header of every answer that carries simulated figures


class PortalError(ObservatoireError):
    """The portal cannot do what it is asked: a missing table, an unknown fault, a wrong option."""


@dataclass(frozen=True)
class Ask:
    """One request.

    Attributes:
        host: official host asked for; path: decoded path, starting with `/`; query: raw query string.
        params: decoded pairs in their order. headers: lower-case names.
        view: the figures, as the faults in force let them be seen.
        today: the demonstration's own date; hour: hour of the day in Paris, for what opens at 14:00.
    """

    method: str
    host: str
    path: str
    query: str
    params: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes
    view: View
    today: dt.date
    hour: int = 6

    @property
    def url(self) -> str:
        """The official address, query included."""
        return f"https://{self.host}{self.path}" + (f"?{self.query}" if self.query else "")

    def get(self, name: str, default: str = "") -> str:
        """Last value of a parameter, `default` when absent."""
        values = self.all(name)
        return values[-1] if values else default

    def all(self, name: str) -> list[str]:
        """All values of a parameter, in order."""
        return [value for key, value in self.params if key == name]

    def parts(self, prefix: str = "/") -> list[str]:
        """Decoded path segments after `prefix`."""
        return [part for part in self.path[len(prefix) :].split("/") if part]


@dataclass(frozen=True)
class Answer:
    """One answer.

    `etag` is "weak" (Express, data-fair), "strong" (static files) or "" (none): the server computes it on the bytes
    that really leave, so that a fault that alters the content alters it too. `stream` asks for chunked transfer.
    `main` is the column or key a client cannot do without (see `flows.portal.mutations`).
    """

    status: int
    payload: Payload
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    main: str = ""
    stream: bool = False


def parse_query(query: str) -> list[tuple[str, str]]:
    """Pairs of a raw query string, blanks kept, `+` read as a space, order kept."""
    pairs = []
    for piece in query.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((unquote(name.replace("+", " ")), unquote(value.replace("+", " "))))
    return pairs


def json_answer(
    value: object,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    etag: str = "",
    main: str = "",
) -> Answer:
    return Answer(status, Json(value), JSON_UTF8, headers or {}, etag, main)


def text_answer(text: str, status: int, *, content_type: str = "text/plain; charset=utf-8") -> Answer:
    return Answer(status, Text(text), content_type)


def empty_answer(status: int = 200, content_type: str = "text/plain; charset=utf-8") -> Answer:
    return Answer(status, Raw(), content_type)


def weak_etag(body: bytes) -> str:
    """ETag of Express and data-fair: `W/"<hex length>-<sha1 in base64, 27 characters>"`."""
    digest = base64.b64encode(hashlib.sha1(body).digest()).decode().rstrip("=")
    return f'W/"{len(body):x}-{digest}"'


def strong_etag(body: bytes) -> str:
    """ETag of a static file server: quoted hex digest."""
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def http_date(moment: dt.datetime) -> str:
    """IMF-fixdate of an aware UTC instant."""
    return format_datetime(moment, usegmt=True)


def digest_of(*parts: str) -> str:
    """Stable sha1 (hex) of some texts: for identifiers and arbitrary orders, never for secrecy."""
    return hashlib.sha1("\x1f".join(parts).encode()).hexdigest()
