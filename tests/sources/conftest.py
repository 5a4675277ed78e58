"""A loopback server that breaks in every way the HTTP client must survive, and the territory of the tests."""

from __future__ import annotations

import datetime as dt
import gzip
import http.server
import threading
import time
import tomllib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.core.datasets import FetchContext, Page, Territory
from flows.core.errors import SourceWithdrawn
from flows.sources.http import HttpClient

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def territory() -> Territory:
    """The territory of `observatoire.toml`."""
    read = tomllib.loads((ROOT / "observatoire.toml").read_text("utf-8"))
    place = read["territoire"]
    return Territory(
        epci=place["epci"],
        nom=place["nom"],
        voisins=tuple(place["voisins"]),
        departement=place["departement"],
        region=place["region"],
        arrondissement=place["arrondissement"],
        zone_emploi=place["zone_emploi"],
        references=tuple((r["niveau"], r["code"], r["nom"]) for r in read["references"]),
        departements_region=tuple(place["departements_region"]),
    )


class FakeHttp:
    """An `Http` that answers from a function of (address, params); keeps what it was asked."""

    def __init__(self, answer: Callable[[str, list[tuple[str, str]]], Page | Exception]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, list[tuple[str, str]]]] = []
        self.headers: list[dict[str, str]] = []
        self.logins: list[dict[str, Any]] = []
        self.login_answer: Callable[[int], Page | Exception] = lambda n: SourceWithdrawn("no login here")

    def get(self, url: str, *, params: Any = None, headers: Any = None, name: str = "", **_: Any) -> Page:
        pairs = list(params.items()) if isinstance(params, dict) else list(params or [])
        self.asked.append((url, pairs))
        self.headers.append(dict(headers or {}))
        found = self.answer(url, pairs)
        if isinstance(found, Exception):
            raise found
        return Page(
            found.address, found.body, found.content_type, found.etag, found.last_modified, name=name or found.name
        )

    def post_json(self, url: str, payload: Any, *, headers: Any = None) -> Page:
        self.logins.append(dict(payload))
        found = self.login_answer(len(self.logins))
        if isinstance(found, Exception):
            raise found
        return found


def context(http: Any, territory: Territory, nuit: dt.date = dt.date(2026, 11, 20), **more: Any) -> FetchContext:
    """A fetch context of the demonstration night."""
    return FetchContext(http=http, territory=territory, nuit=nuit, **more)


class Broken:
    """What the loopback server saw, and how it answers: one handler by path."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.routes: dict[str, Callable[[http.server.BaseHTTPRequestHandler, int], None]] = {}
        self.url = ""

    def route(self, path: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Register a handler `(request, number of times this path was asked)`."""

        def keep(handler: Callable[..., None]) -> Callable[..., None]:
            self.routes[path] = handler
            return handler

        return keep

    def times(self, path: str) -> int:
        """How many times a path was asked."""
        return sum(1 for _, seen, _, _ in self.seen if seen.split("?")[0] == path)


def reply(request: http.server.BaseHTTPRequestHandler, status: int = 200, body: bytes = b"", **headers: str) -> None:
    """A plain answer; header names with `_` for `-`. Content-Length is right unless given."""
    request.send_response(status)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given.setdefault("Content-Length", str(len(body)))
    for name, value in given.items():
        request.send_header(name, value)
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(body)


def drip(request: http.server.BaseHTTPRequestHandler, body: bytes, pause: float) -> None:
    """One byte at a time; stops when the client goes away."""
    try:
        for i in range(len(body)):
            request.wfile.write(body[i : i + 1])
            request.wfile.flush()
            time.sleep(pause)
    except OSError:
        return


def gzip_bomb(megabytes: int) -> bytes:
    """A gzip stream of zeros that inflates to `megabytes`."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1_000_000)
    return b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()


def squeezed(body: bytes) -> bytes:
    """gzip with a fixed date."""
    return gzip.compress(body, mtime=0)


@pytest.fixture
def broken() -> Iterator[Broken]:
    """A loopback server behind which every official host stands, as behind the portal."""
    state = Broken()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *args: Any) -> None:
            pass

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.split("?")[0]
            state.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            handler = state.routes.get(path)
            if handler is None:
                reply(self, 404, b"Not Found")
            else:
                handler(self, state.times(path))

        do_GET = _serve
        do_POST = _serve

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hangs up early is what these tests do."""

    server = Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def make_client(broken: Broken) -> Iterator[Callable[..., tuple[HttpClient, list[float]]]]:
    """Clients towards the loopback server: (client, list of the seconds it slept, without sleeping)."""
    made: list[HttpClient] = []

    def make(**options: Any) -> tuple[HttpClient, list[float]]:
        slept: list[float] = []
        options = {"portal": broken.url, "deadline_s": 5.0, "random": lambda: 0.5, "sleep": slept.append, **options}
        client = HttpClient(user_agent="Observatoire-2044/test (+https://observatoire.example.org/)", **options)
        made.append(client)
        return client, slept

    yield make
    for client in made:
        client.close()
