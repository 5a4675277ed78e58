"""One connection of the portal: reading requests, writing plans, the `/__pannes` and `/__journal` doors.

Not here: what is answered (`flows.portal.server` and the publishers' modules).
"""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from flows.core.errors import ObservatoireError
from flows.portal.answers import http_date
from flows.portal.routes import routes

if TYPE_CHECKING:
    from flows.portal.breaking import Plan
    from flows.portal.server import Portal

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_MAX_BODY = 1_000_000


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with kept connections; header and body leave together (buffered), without Nagle's delay."""

    protocol_version = "HTTP/1.1"
    server_version = "Portail"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = 65_536  # flushed by the base class after each request, and here between the drops of a drip
    timeout = 600

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the journal of the portal says what was asked."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header is the demonstration's own day, so that whole answers are the same at each run."""
        portal = self._portal()
        return http_date(dt.datetime.combine(portal.today, dt.time(portal.hour), dt.UTC))

    def do_GET(self) -> None:
        self._serve()

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_GET

    def _portal(self) -> Portal:
        return self.server.portal  # type: ignore[attr-defined]

    def _serve(self) -> None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
            if length > _MAX_BODY or length < 0:
                self.close_connection = True
                return self._say(413, {"erreur": "La requête est trop longue."})
            body = self.rfile.read(length) if length else b""
            target, _, query = self.path.partition("?")
            if target in ("/", "/__pannes", "/__journal"):
                return self._own(target, body)
            host, _, rest = target.lstrip("/").partition("/")
            self._official(host.lower(), f"/{unquote(rest)}", query, body)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            self.close_connection = True  # the client left: nothing to say to it

    # -- official hosts --------------------------------------------------------------------------------------------

    def _official(self, host: str, path: str, query: str, body: bytes) -> None:
        if host not in routes():
            what = "n'est pas servi par ce portail" if _HOST.fullmatch(host) else "n'est pas un hôte"
            return self._say(421, {"erreur": f"« {host} » {what}.", "hotes": sorted(routes())})
        portal = self._portal()
        headers = {name.lower(): value for name, value in self.headers.items()}
        ask = portal.ask(self.command, host, path, query, headers, body)
        try:
            plan = portal.respond(ask)
        except ObservatoireError as error:
            return self._say(500, {"erreur": str(error)})
        self._write(plan)

    def _write(self, plan: Plan) -> None:
        if plan.wait:
            time.sleep(plan.wait)
        self.send_response(plan.status)
        for name, value in plan.headers.items():
            self.send_header(name, value.encode("utf-8").decode("latin-1"))
        if plan.announced is None:
            self.send_header("Transfer-Encoding", "chunked")
        elif plan.status != 304:
            self.send_header("Content-Length", str(plan.announced))
        if plan.cut:
            self.close_connection = True
        self.end_headers()
        if self.command == "HEAD" or plan.status == 304:
            return
        pieces = _pieces(plan.body, plan.pieces)
        framed = [_chunk(piece) for piece in pieces if piece] if plan.announced is None else pieces
        if plan.announced is None and not plan.cut:
            framed.append(b"0\r\n\r\n")
        for i, piece in enumerate(framed):
            if i and plan.pause:
                time.sleep(plan.pause)
            self.wfile.write(piece)
            if plan.pause:
                self.wfile.flush()

    # -- the portal's own doors ------------------------------------------------------------------------------------

    def _own(self, target: str, body: bytes) -> None:
        portal = self._portal()
        if target == "/":
            return self._say(200, {"portail": "démonstration", "jour": str(portal.today), "hotes": sorted(routes())})
        if target == "/__journal":
            return self._say(200, [vars(served) for served in list(portal.journal)])
        if self.command == "POST":
            try:
                return self._say(201, portal.faults.add_json(body).as_dict())
            except ObservatoireError as error:
                return self._say(400, {"erreur": str(error)})
        if self.command == "DELETE":
            portal.faults.clear()
        return self._say(200, portal.faults.listed())

    def _say(self, status: int, value: Mapping[str, Any] | list[Any]) -> None:
        data = json.dumps(value, ensure_ascii=False, indent=1, default=list).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _pieces(body: bytes, count: int) -> list[bytes]:
    size = max(1, -(-len(body) // count))
    return [body[i : i + size] for i in range(0, len(body), size)] or [b""]


def _chunk(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
