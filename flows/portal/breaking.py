"""Faults of the transport: from an answer and the faults of its request to what is written on the socket.

A `Plan` says everything about the writing: status, headers, bytes, pace, where it is cut. Error bodies are those of
each publisher where they are known (contracts), a short text elsewhere.

Not here: the socket (`flows.portal.handler`), faults of figures and of content.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.portal import atmo, datafair, datagouv, explore, geo, melodi
from flows.portal.answers import JSON_UTF8, Answer, Ask
from flows.portal.faults import CONTENT_KINDS, FIGURE_KINDS, Fault, Kind

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
HTML_PAGE = (
    '<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8"><title>Service en maintenance</title></head>\n'
    "<body><h1>Service en maintenance</h1><p>Le service est momentanément indisponible.</p></body></html>\n"
)
# Faults under which a 304 may still be said: the figures and content ones move the ETag by themselves.
_QUIET = frozenset({Kind.LATENCY}) | FIGURE_KINDS | CONTENT_KINDS
INTERRUPTED = "Streaming interrupted due to the following error: InternalServerError"


@dataclass(frozen=True)
class Plan:
    """How an answer is written.

    Attributes:
        wait: seconds before the first byte. pieces, pause: the body in `pieces` parts with `pause` seconds between.
        announced: Content-Length, None when the transfer is chunked. cut: the connection is closed after the body
            instead of being finished (a shorter body than announced, or no last chunk).
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    announced: int | None
    wait: float = 0.0
    pieces: int = 1
    pause: float = 0.0
    cut: bool = False


def plan(ask: Ask, answer: Answer, headers: Mapping[str, str], body: bytes, faults: Sequence[Fault]) -> Plan:
    """The writing of an answer under the faults of its request; the last fault that sets a body wins."""
    kinds = {fault.kind: fault for fault in faults}
    status, kept = answer.status, {"Content-Type": answer.content_type, **headers}
    if not _QUIET.issuperset(kinds) or not _unchanged(ask, kept, status):
        for fault in faults:
            replaced = _replaced(ask, fault)
            if replaced is not None:
                status, kept, body = replaced
    else:
        status, body = 304, b""
        kept.pop("Content-Type")
    whole, cut = len(body), False
    announced: int | None = None if answer.stream and status == 200 else whole
    if Kind.TRUNCATED in kinds and body:
        mode, keep = kinds[Kind.TRUNCATED].options["mode"], float(kinds[Kind.TRUNCATED].options["keep"])
        body = body[: min(int(whole * keep), whole - 1)]
        if mode == "interrupted":
            body += INTERRUPTED.encode()
            announced = None if announced is None else len(body)
        else:
            announced, cut = (whole if mode == "length" else None), True
    drip = kinds.get(Kind.DRIP)
    return Plan(
        status=status,
        headers=kept,
        body=body,
        announced=announced,
        wait=sum(float(fault.options["seconds"]) for fault in faults if fault.kind is Kind.LATENCY),
        pieces=max(1, int(drip.options["pieces"])) if drip else 1,
        pause=float(drip.options["seconds"]) if drip else 0.0,
        cut=cut,
    )


def _unchanged(ask: Ask, headers: Mapping[str, str], status: int) -> bool:
    """RFC 9110: If-None-Match decides when present, else If-Modified-Since (exact equality, as data-fair does)."""
    if status != 200 or ask.method not in ("GET", "HEAD"):
        return False
    given = ask.headers.get("if-none-match", "")
    if given:
        etag = headers.get("ETag", "")
        return bool(etag) and etag.removeprefix("W/") in [one.strip().removeprefix("W/") for one in given.split(",")]
    since = ask.headers.get("if-modified-since", "")
    return bool(since) and since == headers.get("Last-Modified", "")


def _replaced(ask: Ask, fault: Fault) -> tuple[int, dict[str, str], bytes] | None:
    """Status, headers and body of a fault that takes the place of the answer, None for the others."""
    if fault.kind is Kind.EMPTY:
        return 200, {"Content-Type": TEXT}, b""
    if fault.kind is Kind.HTML:
        return int(fault.options["status"]), {"Content-Type": HTML}, HTML_PAGE.encode()
    if fault.kind is Kind.REDIRECT_LOOP:
        turn = int(ask.get("boucle", "0")) + 1 if ask.get("boucle", "0").isdigit() else 1
        pieces = [piece for piece in ask.query.split("&") if piece and not piece.startswith("boucle=")]
        query = "&".join([*pieces, f"boucle={turn}"])
        return 302, {"Content-Type": TEXT, "Location": f"https://{ask.host}{ask.path}?{query}"}, b""
    if fault.kind is Kind.RATE_LIMIT:
        kind, body = _too_many(ask)
        headers = {"Content-Type": kind}
        if fault.options["retry_after"] != "":
            headers["Retry-After"] = str(fault.options["retry_after"])
        return 429, headers, body
    if fault.kind is Kind.SERVER_ERROR:
        kind, body = _broken(ask)
        return int(fault.options["status"]), {"Content-Type": kind}, body
    if fault.kind is Kind.WITHDRAWN:
        kind, body = _gone(ask)
        return int(fault.options["status"]), {"Content-Type": kind}, body
    return None


def _json(value: object) -> tuple[str, bytes]:
    return JSON_UTF8, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _too_many(ask: Ask) -> tuple[str, bytes]:
    if ask.host in explore.hosts():
        return _json(
            {
                "errorcode": 10002,
                "reset_time": f"{ask.today}T00:00:00Z",
                "limit_time_unit": "day",
                "call_limit": 10000,
                "error": "Too many requests on the domain. Please contact the domain administrator.",
            }
        )
    if ask.host in datafair.hosts():
        return TEXT, b"Trop de traffic dans un interval restreint sur cette API."
    if ask.host == atmo.HOST:
        return _json({"code": 429, "message": "Too Many Requests"})
    # The body of Melodi's 429 was never recorded: empty here.
    return (TEXT, b"") if ask.host == melodi.HOST else (TEXT, b"Too Many Requests")


def _broken(ask: Ask) -> tuple[str, bytes]:
    if ask.host == melodi.HOST:
        return "text/plain;charset=UTF-8", "Le serveur a rencontré une erreur inattendue.".encode()
    if ask.host in explore.hosts():
        return _json({"error_code": "InternalServerError", "message": "Internal server error."})
    return TEXT, b"Internal Server Error"


def _gone(ask: Ask) -> tuple[str, bytes]:
    if ask.host == datagouv.HOST:
        return _json({"message": "Dataset has been deleted"})
    if ask.host in explore.hosts():
        return _json({"error_code": "DatasetNotFoundError", "message": "Dataset not found."})
    if ask.host in datafair.hosts():
        return TEXT, "Jeu de données introuvable".encode()
    return TEXT, b"Not Found" if ask.host == geo.HOST else b"Gone"
