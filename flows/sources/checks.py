"""Is the body of a 200 what was due? Emptiness, HTML, error objects, cut exports, wrong encodings.

Not here: what the figures mean (decoders) and whether they are plausible (flows.quality). A check raises
SourceContentError with the official address; it never repairs a body.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from flows.core.errors import ConfigurationError, SourceContentError

EXPECTATIONS = frozenset({"", "json", "json-list", "csv", "xlsx", "xls", "zip", "gzip", "geojson", "text"})

_TEXTUAL = frozenset({"json", "json-list", "csv", "geojson", "text"})
_HTML = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_TAGS = re.compile(rb"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.I | re.S)
_OGC = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?<(?:\w+:)?(?:ExceptionReport|ServiceException)", re.I)
# Explore writes this sentence inside a 200 whose export failed on the way, and stops there.
_INTERRUPTED = b"Streaming interrupted due to the following error"
_ZIP, _ZIP_END, _ZIP_EMPTY = b"PK\x03\x04", b"PK\x05\x06", b"PK\x05\x06"
_GZIP = b"\x1f\x8b"
_XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ADVICE = "réessayer plus tard ; si cela dure, ouvrir l'adresse et prévenir l'éditeur."


def excerpt(body: bytes, length: int = 200) -> str:
    """First `length` characters of a body on one line, whatever its encoding; of an HTML page, its visible words."""
    if _HTML.match(body[:4096]):
        body = _TAGS.sub(b" ", body[:20_000])
    text = body[: length * 8].decode("utf-8", errors="replace")
    return " ".join(text.split())[:length]


def check_body(body: bytes, *, expect: str, address: str, content_type: str = "", allow_empty: bool = False) -> None:
    """Raise unless `body` is of the kind `expect` (one of `EXPECTATIONS`; "" checks emptiness only).

    Raises:
        SourceContentError: empty, HTML, error object, interrupted export, truncated archive, not UTF-8, not JSON.
        ConfigurationError: `expect` is not a known kind (a mistake of ours, not of the publisher).
    """
    if expect not in EXPECTATIONS:
        raise ConfigurationError(f"Le type de contenu attendu « {expect} » n'existe pas.", where=address)
    if not body.strip(b" \t\r\n\xef\xbb\xbf\x00"):
        if allow_empty:
            return
        _refuse("La réponse est vide alors que des données étaient attendues.", address)
    if expect == "":
        return
    if _HTML.match(body[:4096]):
        _refuse(f"La réponse est une page HTML au lieu {_NAMES[expect]} : « {excerpt(body, 80)} ».", address)
    if _OGC.match(body[:4096]):
        _refuse(f"La réponse est un message d'erreur XML : « {excerpt(body, 200)} ».", address)
    if expect in _TEXTUAL:
        _check_text(body, expect, address, content_type)
    elif expect in ("zip", "xlsx"):
        _check_zip(body, expect, address)
    elif expect == "gzip":
        if not body.startswith(_GZIP):
            _refuse("La réponse n'est pas un fichier compressé par gzip.", address)
    elif not body.startswith(_XLS):
        _refuse("La réponse n'est pas un classeur .xls.", address)


_NAMES = {
    "json": "de données JSON",
    "json-list": "d'une liste JSON",
    "csv": "d'un tableau CSV",
    "xlsx": "d'un classeur .xlsx",
    "xls": "d'un classeur .xls",
    "zip": "d'une archive zip",
    "gzip": "d'un fichier compressé par gzip",
    "geojson": "d'un GeoJSON",
    "text": "de texte",
}


def _check_text(body: bytes, expect: str, address: str, content_type: str) -> None:
    if _INTERRUPTED in body[-4096:]:
        tail = excerpt(body[-4096:][body[-4096:].index(_INTERRUPTED) :])
        _refuse(f"L'export s'est interrompu en cours de route : « {tail} ».", address)
    if expect in ("csv", "text"):
        if "utf-8" in content_type.lower():
            try:
                body.decode("utf-8")
            except UnicodeDecodeError as error:
                _refuse(f"La réponse annonce de l'UTF-8 mais n'en est pas (octet {error.start}).", address)
        if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            problem = _error_object(_try_json(body))
            if problem:
                _refuse(f"La réponse est un message d'erreur : « {problem} ».", address)
            if expect == "csv":
                _refuse("La réponse est du JSON au lieu d'un tableau CSV.", address)
        return
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        _refuse(f"La réponse n'est pas en UTF-8 (octet {error.start}).", address)
    except (ValueError, RecursionError):
        _refuse(f"La réponse n'est pas du JSON complet : « {excerpt(body, 80)} ».", address)
    problem = _error_object(value)
    if problem:
        _refuse(f"La réponse est un message d'erreur : « {problem} ».", address)
    if expect == "json-list" and not isinstance(value, list):
        _refuse("La réponse n'est pas une liste JSON.", address)
    if expect == "json" and not isinstance(value, dict | list):
        _refuse("La réponse n'est ni un objet ni une liste JSON.", address)
    if expect == "geojson" and not (
        isinstance(value, dict)
        and value.get("type") == "FeatureCollection"
        and isinstance(value.get("features"), list)
    ):
        _refuse("La réponse n'est pas une collection GeoJSON.", address)


def _try_json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError):
        return None


def _error_object(value: Any) -> str:
    """The message of an error object, "" when `value` is data.

    Shapes met: Explore {"error_code", "message"} and {"errorcode", "error"}, ArcGIS {"error": {"code", "message"}},
    Symfony {"code": 401, "message"}.
    """
    if not isinstance(value, dict):
        return ""
    nested = value.get("error")
    if isinstance(nested, dict) and ("message" in nested or "code" in nested):
        return f"{nested.get('code', '')} {nested.get('message', '')}".strip()[:200]
    if "error_code" in value or "errorcode" in value or (isinstance(nested, str) and nested):
        code = value.get("error_code", value.get("errorcode", ""))
        return f"{code} {value.get('message') or nested or ''}".strip()[:200]
    code = value.get("code")
    if isinstance(code, int) and code >= 400 and isinstance(value.get("message"), str):
        return f"{code} {value['message']}"[:200]
    return ""


def _check_zip(body: bytes, expect: str, address: str) -> None:
    if body.startswith(_ZIP_EMPTY):
        _refuse("L'archive reçue est vide.", address)
    if not body.startswith(_ZIP):
        _refuse(f"La réponse n'a pas la forme {_NAMES[expect]}.", address)
    # The directory stands at the end of a zip: without it the file was cut, even if its length was not announced.
    if _ZIP_END not in body[-65_557:]:
        _refuse("L'archive reçue est tronquée (sa table des matières manque).", address)


def _refuse(what: str, address: str) -> NoReturn:
    raise SourceContentError(what, where=address, todo=_ADVICE)
