"""Faults of the transport on the wire, and how faults are switched on."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

import pytest

from flows.portal import Kind, Portal, PortalError
from flows.portal.faults import OPTIONS, Faults
from tests.portal.conftest import ROOT, Client

GEO = "geo.api.gouv.fr"
COMMUNES = f"https://{GEO}/epcis/200042190/communes"
MELODI = "https://api.insee.fr/melodi/data/DS_FILOSOFI_CC?GEO=COM&maxResult=1000&totalCount=TRUE"
CEREMA = "https://www.data.gouv.fr/api/1/datasets/6a01b9280dd2d45907e5fc61/"
ODRE = (
    "https://odre.opendatasoft.com/api/explore/v2.1/catalog/datasets/"
    "registre-national-installation-production-stockage-electricite-agrege"
)


# -- transport -----------------------------------------------------------------------------------------------------


def test_latency_waits_then_answers(portal: Portal, client: Client) -> None:
    portal.faults.add(GEO, "/", Kind.LATENCY, seconds=0.2)
    before = time.monotonic()
    assert client.get(COMMUNES).status == 200
    assert time.monotonic() - before >= 0.2


def test_drip_sends_the_whole_body_slowly(portal: Portal, client: Client) -> None:
    whole = client.get(COMMUNES).body
    portal.faults.add(GEO, "/", Kind.DRIP, seconds=0.05, pieces=5)
    before = time.monotonic()
    assert client.get(COMMUNES).body == whole
    assert time.monotonic() - before >= 0.2


def test_rate_limit_with_and_without_retry_after(portal: Portal, client: Client) -> None:
    portal.faults.add(GEO, "/", Kind.RATE_LIMIT, retry_after=3, times=2)
    for _ in range(2):
        got = client.get(COMMUNES)
        assert got.status == 429 and got.headers["retry-after"] == "3"
    assert client.get(COMMUNES).status == 200  # twice, then it stops by itself
    portal.faults.add("api.insee.fr", "/", Kind.RATE_LIMIT)
    got = client.get(MELODI)
    assert got.status == 429 and got.body == b"" and "retry-after" not in got.headers
    portal.faults.add("odre.opendatasoft.com", "/", Kind.RATE_LIMIT, retry_after="Fri, 20 Nov 2026 12:00:00 GMT")
    got = client.get(ODRE)
    assert got.json["errorcode"] == 10002 and got.headers["retry-after"].endswith("GMT")


@pytest.mark.parametrize("status", [500, 502, 503])
def test_server_error(portal: Portal, client: Client, status: int) -> None:
    portal.faults.add(GEO, "/epcis", Kind.SERVER_ERROR, status=status)
    assert client.get(COMMUNES).status == status
    assert client.get(f"https://{GEO}/communes/59172").status == 200  # another prefix of the same host


def test_empty_body(portal: Portal, client: Client) -> None:
    portal.faults.add(GEO, "/", Kind.EMPTY)
    assert (client.get(COMMUNES).status, client.get(COMMUNES).body) == (200, b"")


def test_truncated_by_length(portal: Portal, client: Client) -> None:
    whole = client.get(COMMUNES).body
    portal.faults.add(GEO, "/", Kind.TRUNCATED, keep=0.25)
    with pytest.raises(http.client.IncompleteRead) as cut:
        client.get(COMMUNES)
    assert cut.value.partial == whole[: len(whole) // 4]
    assert cut.value.expected == len(whole) - len(cut.value.partial)


def test_truncated_in_chunks(portal: Portal, client: Client) -> None:
    portal.faults.add(GEO, "/", Kind.TRUNCATED, mode="chunked")
    with pytest.raises(http.client.IncompleteRead):
        client.get(COMMUNES)


def test_interrupted_export_is_a_200_with_a_sentence(portal: Portal, client: Client) -> None:
    portal.faults.add("odre.opendatasoft.com", "/", Kind.TRUNCATED, mode="interrupted")
    got = client.get(f"{ODRE}/exports/json")
    assert got.status == 200 and b"Streaming interrupted due to the following error" in got.body[-100:]


def test_html_page(portal: Portal, client: Client) -> None:
    portal.faults.add(GEO, "/", Kind.HTML)
    got = client.get(COMMUNES)
    assert got.status == 200 and got.text.startswith("<!DOCTYPE html>")
    assert got.headers["content-type"].startswith("text/html")


def test_redirect_loop_never_ends(portal: Portal, client: Client) -> None:
    portal.faults.add(GEO, "/", Kind.REDIRECT_LOOP)
    address, seen = COMMUNES, set()
    for _ in range(8):
        got = client.get(address)
        assert got.status == 302
        address = got.headers["location"]
        assert address.startswith(f"https://{GEO}/") and address not in seen  # no two alike: counting is needed
        seen.add(address)


@pytest.mark.parametrize("status", [404, 410])
def test_withdrawn(portal: Portal, client: Client, status: int) -> None:
    portal.faults.add("www.data.gouv.fr", "/api/1/datasets/6a01b9280dd2d45907e5fc61", Kind.WITHDRAWN, status=status)
    got = client.get(CEREMA)
    assert got.status == status and "message" in got.json


def test_no_304_hides_a_transport_fault(portal: Portal, client: Client) -> None:
    etag = client.get(COMMUNES).headers["etag"]
    portal.faults.add(GEO, "/", Kind.SERVER_ERROR)
    assert client.get(COMMUNES, headers={"If-None-Match": etag}).status == 500
    portal.faults.clear()
    assert client.get(COMMUNES, headers={"If-None-Match": etag}).status == 304


# -- switching them on ---------------------------------------------------------------------------------------------


def test_over_http(portal: Portal, client: Client) -> None:
    body = json.dumps({"host": GEO, "prefix": "/epcis", "kind": "server_error", "status": 503, "times": 1}).encode()
    made = client.raw("/__pannes", method="POST", body=body)
    assert made.status == 201 and made.json["status"] == 503
    assert [fault["kind"] for fault in client.raw("/__pannes").json] == ["server_error"]
    assert client.get(COMMUNES).status == 503
    assert client.raw("/__pannes").json == []
    portal.faults.add(GEO, "/", Kind.EMPTY)
    assert client.raw("/__pannes", method="DELETE").json == []
    assert client.get(COMMUNES).body


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"host":"a.b","prefix":"/"}', b'{"host":"a.b","prefix":"/","kind":"orage"}',
     b'{"host":"a.b","prefix":"x","kind":"empty"}', b'{"host":"a.b","prefix":"/","kind":"empty","vent":1}',
     b'{"host":1,"prefix":"/","kind":"empty"}'],
)  # fmt: skip
def test_over_http_refusals(client: Client, body: bytes) -> None:
    got = client.raw("/__pannes", method="POST", body=body)
    assert got.status == 400 and got.json["erreur"]
    assert client.raw("/__pannes").json == []


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("latency", {"seconds": "1"}),
        ("changed", {"factor": 1}),
        ("count_mismatch", {"by": 0}),
        ("truncated", {"mode": "net"}),
        ("truncated", {"keep": 1.0}),
        ("missing_communes", {"codes": "59172"}),
        ("empty", {"times": 0}),
        ("html", {"status": True}),
    ],
)
def test_wrong_options_are_refused(kind: str, options: dict[str, Any]) -> None:
    with pytest.raises(PortalError):
        Faults().add(GEO, "/", kind, **options)


def test_every_kind_is_documented_in_both_languages() -> None:
    text = (ROOT / "docs" / "portal.md").read_text("utf-8")
    french, english = text.split("## Faults\n", 1)
    for kind, options in OPTIONS.items():
        for part in (french, english):
            (line,) = [line for line in part.splitlines() if line.startswith(f"| `{kind}`")]
            for option in options:
                assert f"`{option}`" in line, (kind, option)
    assert set(OPTIONS) == set(Kind)
