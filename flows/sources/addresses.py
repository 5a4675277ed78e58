"""Official addresses, and the road to them: directly, or through a local portal.

Not here: asking anything (http.py). Everything is pure text: an official address `https://<host>/<path>?<query>` and
the same address behind a portal, `<portal>/<host>/<path>?<query>`, are two writings of one thing, and only the
official one is ever recorded, shown or followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from flows.core.errors import SourceContentError

Params = Sequence[tuple[str, str]] | Mapping[str, str] | None

# Query keys whose value is a secret with at least one open-data host (Opendatasoft `apikey`, others alike).
_SECRET_KEYS = frozenset({"apikey", "api_key", "api-key", "token", "access_token", "password", "secret"})
_HIDDEN = "***"


def with_params(url: str, params: Params) -> str:
    """`url` with `params` appended in the order given; `*`, `"` and spaces are percent-encoded."""
    if not params:
        return url
    pairs = list(params.items()) if isinstance(params, Mapping) else list(params)
    text = urlencode([(str(k), str(v)) for k, v in pairs], quote_via=quote, safe=",:")
    return f"{url}{'&' if urlsplit(url).query else '?'}{text}"


def host_of(url: str) -> str:
    """Host of an official address, lower case, without port."""
    return (urlsplit(url).hostname or "").lower()


def shown(url: str) -> str:
    """An address that may be recorded, logged or shown: no user, no password, no secret in the query."""
    parts = urlsplit(url)
    netloc = parts.netloc.rsplit("@", 1)[-1]
    query = parts.query
    if any(key.lower() in _SECRET_KEYS for key, _ in parse_qsl(query, keep_blank_values=True)):
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode(
            [(k, _HIDDEN if k.lower() in _SECRET_KEYS else v) for k, v in pairs], quote_via=quote, safe=",:*"
        )
    return urlunsplit((parts.scheme, netloc, parts.path, query, ""))


def scrub(text: str, secrets: Sequence[str]) -> str:
    """`text` without any of `secrets`: a server that echoes a password must not put it in our reports."""
    for secret in sorted((s for s in secrets if len(s) >= 3), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text


class Road:
    """How official addresses are reached.

    Args:
        portal: base address of a portal (`http://127.0.0.1:8044`), or None to ask the publishers themselves.
    """

    def __init__(self, portal: str | None) -> None:
        self.portal = portal.rstrip("/") if portal else None

    def official(self, url: str) -> str:
        """The official address of `url`, which may be official already or written through the portal.

        Raises:
            SourceContentError: neither https nor towards the portal (figures never travel unprotected), or with a
                user or password in it (secrets go in headers, which are never recorded).
        """
        if self.portal and url.startswith(self.portal + "/"):
            url = "https://" + url[len(self.portal) + 1 :]
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
            raise SourceContentError(
                "L'adresse n'est pas une adresse https sans identifiant.",
                where=shown(url),
                todo="vérifier l'adresse du jeu de données ; une adresse non chiffrée n'est pas suivie.",
            )
        return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", parts.query, ""))

    def travelled(self, official: str) -> str:
        """The address really asked for `official`."""
        if self.portal is None:
            return official
        return f"{self.portal}/{official.removeprefix('https://')}"

    def redirected(self, official: str, location: str) -> str:
        """The official address that a `Location` header received from `official` points to.

        A relative location is relative to the official address: the portal's own prefix is not the publisher's.
        """
        if self.portal and location.startswith(self.portal + "/"):
            return self.official(location)
        return self.official(urljoin(official, location))
