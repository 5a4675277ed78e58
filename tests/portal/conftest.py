"""A portal on the real demonstration figures, and a plain client to ask it with."""

from __future__ import annotations

import datetime as dt
import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from flows.portal import Portal

ROOT = Path(__file__).resolve().parents[2]
DEMONSTRATION = ROOT / "warehouse" / "demonstration"
TODAY = dt.date(2026, 11, 20)


@dataclass(frozen=True)
class Got:
    """One answer as received: `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks a portal for official addresses."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def raw(
        self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Got:
        place = urlsplit(self.portal.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Got(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, address: str, **kwargs: Any) -> Got:
        """`address` is official, `https://…`."""
        return self.raw("/" + address.removeprefix("https://").replace(" ", "%20").replace('"', "%22"), **kwargs)

    def token(self) -> str:
        body = json.dumps({"username": "demonstration", "password": "demonstration"}).encode()
        return str(self.get("https://admindata.atmo-france.org/api/login", method="POST", body=body).json["token"])

    def air(self, query: str) -> Got:
        headers = {"Authorization": f"Bearer {self.token()}"}
        return self.get(f"https://admindata.atmo-france.org/api/v2/data/indices/atmo?{query}", headers=headers)


@pytest.fixture(scope="session")
def running() -> Iterator[Portal]:
    with Portal(DEMONSTRATION, TODAY) as portal:
        yield portal


@pytest.fixture
def portal(running: Portal) -> Iterator[Portal]:
    """The running portal, with no fault in force before and after."""
    running.faults.clear()
    running.journal.clear()
    yield running
    running.faults.clear()


@pytest.fixture
def client(portal: Portal) -> Client:
    return Client(portal)
