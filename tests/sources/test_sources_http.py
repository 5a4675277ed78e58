"""The HTTP client against a server that breaks: addresses, deadlines, retries, conditional requests."""

from __future__ import annotations

import email.utils
import time

import pytest

from flows.core.datasets import Page
from flows.core.errors import SourceContentError, SourceUnavailable, SourceWithdrawn
from flows.sources.http import StoredPage
from tests.sources.conftest import drip, reply

JSON = {"Content_Type": "application/json"}
OK = b'{"a": 1}'


def test_a_page_keeps_the_official_address_and_says_who_asks(broken, make_client):
    broken.route("/api.insee.fr/melodi/data/X")(
        lambda r, n: reply(r, body=OK, ETag='"e"', Last_Modified="hier", **JSON)
    )
    client, slept = make_client()
    page = client.get("https://api.insee.fr/melodi/data/X", params=[("GEO", "EPCI-1*COM"), ("a", "é")], expect="json")
    assert page == Page(
        "https://api.insee.fr/melodi/data/X?GEO=EPCI-1%2ACOM&a=%C3%A9", OK, "application/json", '"e"', "hier"
    )
    _, path, headers, _ = broken.seen[0]
    assert path == "/api.insee.fr/melodi/data/X?GEO=EPCI-1%2ACOM&a=%C3%A9"
    assert headers["user-agent"].startswith("Observatoire-2044/")
    assert slept == []  # no pace towards the portal


def test_portal_links_and_official_links_reach_the_same_place(broken, make_client):
    broken.route("/h.fr/x")(lambda r, n: reply(r, body=OK))
    client, _ = make_client()
    assert client.get(f"{broken.url}/h.fr/x").address == "https://h.fr/x" == client.get("https://h.fr/x").address


@pytest.mark.parametrize("address", ["http://h.fr/x", "ftp://h.fr/x", "/x", "https:///x"])
def test_only_https_leaves_the_house(make_client, address):
    client, _ = make_client()
    with pytest.raises(SourceContentError, match="https"):
        client.get(address)


def test_simulated_is_said_by_the_header(broken, make_client):
    broken.route("/h.fr/x")(lambda r, n: reply(r, body=OK, X_Observatoire_Simule="1"))
    client, _ = make_client()
    assert client.get("https://h.fr/x").simulated


def test_a_drip_does_not_pass_the_deadline(broken, make_client):
    @broken.route("/h.fr/x")
    def _(request, n):
        request.send_response(200)
        request.send_header("Content-Length", "100")
        request.end_headers()
        drip(request, b"x" * 100, 0.05)

    client, slept = make_client(deadline_s=0.4, tries=2)
    before = time.monotonic()
    with pytest.raises(SourceUnavailable, match=r"0.4 s \(2 essais\)") as caught:
        client.get("https://h.fr/x?commune=59526")
    assert 0.7 < time.monotonic() - before < 3
    assert caught.value.where == "https://h.fr/x?commune=59526" and len(slept) == 1


def test_dripping_headers_and_chunks_do_not_pass_the_deadline_either(broken, make_client):
    @broken.route("/h.fr/headers")
    def _(request, n):
        drip(request, b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200, 0.01)

    @broken.route("/h.fr/chunks")
    def _(request, n):
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        drip(request, b"64\r\n" + b"x" * 90, 0.02)

    client, _ = make_client(deadline_s=0.3, tries=1)
    for path in ("headers", "chunks"):
        before = time.monotonic()
        with pytest.raises(SourceUnavailable, match="Pas de réponse complète"):
            client.get(f"https://h.fr/{path}")
        assert time.monotonic() - before < 2


def test_files_may_have_a_longer_deadline(broken, make_client):
    @broken.route("/h.fr/x")
    def _(request, n):
        time.sleep(0.4)
        reply(request, body=b"a;b\n1;2\n", Content_Type="text/csv")

    client, _ = make_client(deadline_s=0.1, file_deadline_s=5, tries=1)
    assert client.get("https://h.fr/x", expect="csv").body == b"a;b\n1;2\n"
    with pytest.raises(SourceUnavailable):
        client.get("https://h.fr/x", expect="text")


def test_a_truncated_body_is_asked_again(broken, make_client):
    @broken.route("/h.fr/x")
    def _(request, n):
        if n < 3:
            reply(request, body=OK[:4], Content_Length=str(len(OK)))
            request.close_connection = True
        else:
            reply(request, body=OK)

    client, slept = make_client()
    assert client.get("https://h.fr/x", expect="json").body == OK
    assert len(slept) == 2


def test_a_cut_chunked_body_is_truncated(broken, make_client):
    @broken.route("/h.fr/x")
    def _(request, n):
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.write(b"5\r\nabcde\r\n")
        request.close_connection = True

    client, _ = make_client(tries=2)
    with pytest.raises(SourceUnavailable, match="tronquée"):
        client.get("https://h.fr/x")
    assert broken.times("/h.fr/x") == 2


def test_500_then_ok_backs_off_exponentially(broken, make_client):
    broken.route("/h.fr/x")(lambda r, n: reply(r, 500 if n < 4 else 200, OK))
    client, slept = make_client()
    assert client.get("https://h.fr/x").body == OK
    assert slept == [0.5, 1.0, 2.0]  # the middle of the jitter


def test_retries_are_bounded_and_a_broken_host_costs_one_try_until_it_answers(broken, make_client):
    broken.route("/h.fr/x")(lambda r, n: reply(r, 503, b"trop tard"))
    broken.route("/h.fr/y")(lambda r, n: reply(r, body=OK))
    broken.route("/autre.fr/x")(lambda r, n: reply(r, 502 if n == 1 else 200, OK))
    client, _ = make_client()
    for expected in (4, 5):
        with pytest.raises(SourceUnavailable) as caught:
            client.get("https://h.fr/x")
        assert caught.value.status == 503 and broken.times("/h.fr/x") == expected
    assert client.get("https://autre.fr/x").body == OK  # another host keeps its tries
    assert client.get("https://h.fr/y").body == OK
    with pytest.raises(SourceUnavailable):
        client.get("https://h.fr/x")
    assert broken.times("/h.fr/x") == 9


def test_429_honours_retry_after_in_seconds_and_as_a_date(broken, make_client):
    wall = 1_700_000_000.0
    waits = {1: "7", 2: email.utils.formatdate(wall + 11, usegmt=True), 3: email.utils.formatdate(wall - 5)}
    broken.route("/h.fr/x")(
        lambda r, n: reply(r, 429, b"", Retry_After=waits[n]) if n in waits else reply(r, body=OK)
    )
    client, slept = make_client(wall=lambda: wall)
    assert client.get("https://h.fr/x").body == OK
    assert slept == [7.0, 11.0, 0.0]


def test_429_without_retry_after_waits_longer_than_a_hiccup(broken, make_client):
    broken.route("/h.fr/x")(lambda r, n: reply(r, 429 if n < 3 else 200, OK))
    client, slept = make_client()
    client.get("https://h.fr/x")
    assert slept == [2.0, 4.0]


def test_a_retry_after_beyond_reason_is_not_waited_for(broken, make_client):
    broken.route("/h.fr/x")(lambda r, n: reply(r, 429, b"", Retry_After="86400"))
    client, slept = make_client()
    with pytest.raises(SourceUnavailable, match="trop de requêtes") as caught:
        client.get("https://h.fr/x")
    assert slept == [] and "86400 s" in caught.value.todo and caught.value.status == 429


def test_a_source_chooses_what_is_worth_asking_again(broken, make_client):
    broken.route("/h.fr/x")(lambda r, n: reply(r, 500, b"Le serveur a rencontr\xc3\xa9 une erreur inattendue."))
    client, slept = make_client()
    with pytest.raises(SourceUnavailable) as caught:
        client.get("https://h.fr/x", retry_statuses={429, 503})
    assert caught.value.status == 500 and slept == [] and broken.times("/h.fr/x") == 1


@pytest.mark.parametrize("status", [404, 410])
def test_withdrawn(broken, make_client, status):
    broken.route("/h.fr/x")(lambda r, n: reply(r, status, b"<html><body>Page introuvable</body></html>"))
    client, slept = make_client()
    with pytest.raises(SourceWithdrawn) as caught:
        client.get("https://h.fr/x")
    assert caught.value.status == status and slept == []


def test_another_4xx_says_its_first_200_characters(broken, make_client):
    broken.route("/h.fr/x")(lambda r, n: reply(r, 400, ("é" * 300).encode()))
    client, _ = make_client()
    with pytest.raises(SourceContentError) as caught:
        client.get("https://h.fr/x")
    assert caught.value.status == 400
    assert "é" * 200 in caught.value.what and "é" * 201 not in caught.value.what


def test_conditional_requests_are_transparent(broken, make_client):
    broken.route("/h.fr/e")(lambda r, n: reply(r, 304, ETag='"1"'))
    broken.route("/h.fr/m")(lambda r, n: reply(r, 304))
    known = {
        "https://h.fr/e": StoredPage(OK, etag='"1"', content_type="application/json", simulated=True),
        "https://h.fr/m": StoredPage(OK, last_modified="Mon, 01 Jan 2026 00:00:00 GMT"),
    }
    client, _ = make_client(stored=known.get)
    page = client.get("https://h.fr/e", expect="json", name="rôle")
    assert page == Page("https://h.fr/e", OK, "application/json", '"1"', "", 200, True, "rôle")
    assert client.get("https://h.fr/m").body == OK
    assert broken.seen[0][2]["if-none-match"] == '"1"'
    assert broken.seen[1][2]["if-modified-since"] == "Mon, 01 Jan 2026 00:00:00 GMT"


def test_a_changed_page_replaces_the_stored_one(broken, make_client):
    broken.route("/h.fr/e")(lambda r, n: reply(r, body=b'{"a": 2}', ETag='"2"'))
    client, _ = make_client(stored=lambda address: StoredPage(OK, etag='"1"'))
    page = client.get("https://h.fr/e", expect="json")
    assert (page.body, page.etag) == (b'{"a": 2}', '"2"')


def test_a_304_that_was_not_asked_for_is_refused(broken, make_client):
    broken.route("/h.fr/e")(lambda r, n: reply(r, 304))
    client, _ = make_client()
    with pytest.raises(SourceContentError):
        client.get("https://h.fr/e")
