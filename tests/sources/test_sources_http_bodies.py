"""The HTTP client against a server that breaks: redirects, compression, sizes, secrets, connections."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from flows.core.errors import SourceContentError, SourceUnavailable
from flows.sources.deadline import Watchdog
from flows.sources.http import HttpClient
from tests.sources.conftest import gzip_bomb, reply, squeezed

JSON = {"Content_Type": "application/json"}
OK = b'{"a": 1}'


def test_redirects_towards_official_hosts_go_through_the_portal(broken, make_client):
    broken.route("/a.fr/r")(lambda r, n: reply(r, 302, Location="https://b.fr/f.csv?x=1"))
    broken.route("/b.fr/f.csv")(lambda r, n: reply(r, 307, Location="/g.csv"))
    broken.route("/b.fr/g.csv")(lambda r, n: reply(r, 301, Location=f"{broken.url}/c.fr/h.csv"))
    broken.route("/c.fr/h.csv")(lambda r, n: reply(r, body=b"a,b\n"))
    client, _ = make_client()
    page = client.get("https://a.fr/r", headers={"Authorization": "Bearer secret"}, expect="csv")
    assert (page.address, page.body) == ("https://a.fr/r", b"a,b\n")
    assert [headers.get("authorization") for _, _, headers, _ in broken.seen] == ["Bearer secret", None, None, None]


@pytest.mark.parametrize(
    "location", ["http://b.fr/clair", "file:///etc/passwd", "https://moi@b.fr/", "http://127.0.0.1:1/x"]
)
def test_redirects_elsewhere_are_not_followed(broken, make_client, location):
    broken.route("/a.fr/r")(lambda r, n: reply(r, 302, Location=location))
    client, _ = make_client()
    with pytest.raises(SourceContentError, match="redirige") as caught:
        client.get("https://a.fr/r")
    assert caught.value.where == "https://a.fr/r" and broken.times("/a.fr/r") == 1


def test_a_loop_of_redirects_ends(broken, make_client):
    broken.route("/a.fr/r")(lambda r, n: reply(r, 302, Location="https://a.fr/r"))
    client, _ = make_client()
    with pytest.raises(SourceContentError, match="redirections"):
        client.get("https://a.fr/r")
    assert broken.times("/a.fr/r") == 6


def test_gzip_is_undone_even_in_two_members(broken, make_client):
    body = squeezed(OK[:3]) + squeezed(OK[3:])
    broken.route("/h.fr/x")(lambda r, n: reply(r, body=body, Content_Encoding="gzip"))
    client, _ = make_client()
    assert client.get("https://h.fr/x", expect="json").body == OK


def test_a_cut_gzip_is_truncated_and_a_bomb_is_refused(broken, make_client):
    cut, bomb = squeezed(OK)[:-6], gzip_bomb(20)
    broken.route("/h.fr/cut")(lambda r, n: reply(r, body=cut, Content_Encoding="gzip"))
    broken.route("/h.fr/bomb")(lambda r, n: reply(r, body=bomb, Content_Encoding="gzip"))
    broken.route("/h.fr/br")(lambda r, n: reply(r, body=b"x", Content_Encoding="br"))
    client, _ = make_client(max_bytes=1_000_000, tries=2)
    with pytest.raises(SourceUnavailable, match="tronquée"):
        client.get("https://h.fr/cut")
    assert len(bomb) < 100_000
    with pytest.raises(SourceContentError, match="taille"):
        client.get("https://h.fr/bomb")
    with pytest.raises(SourceContentError, match="br"):
        client.get("https://h.fr/br")
    assert broken.times("/h.fr/bomb") == 1


def test_too_large_is_refused_announced_or_not(broken, make_client):
    @broken.route("/h.fr/silent")
    def _(request, n):
        request.send_response(200)
        request.send_header("Connection", "close")
        request.end_headers()
        try:
            for _ in range(50):
                request.wfile.write(b"x" * 100_000)
        except OSError:
            return

    broken.route("/h.fr/announced")(lambda r, n: reply(r, body=b"x" * 2_000_000))
    client, _ = make_client(max_bytes=1_000_000)
    for path in ("silent", "announced"):
        with pytest.raises(SourceContentError, match="taille permise"):
            client.get(f"https://h.fr/{path}")


def test_connection_refused_is_unavailable():
    client = HttpClient(portal="http://127.0.0.1:9", user_agent="t", tries=2, sleep=lambda s: None)
    with client, pytest.raises(SourceUnavailable, match="connexion") as caught:
        client.get("https://h.fr/x")
    assert "127.0.0.1" not in str(caught.value) and caught.value.where == "https://h.fr/x"


def test_login_sends_json_and_never_shows_a_secret(broken, make_client, caplog):
    broken.route("/h.fr/login")(
        lambda r, n: (
            reply(r, 503, b"") if n == 1 else reply(r, 401, b'{"message": "mot2passe refus\xc3\xa9 pour moi@ici"}')
        )
    )
    broken.route("/h.fr/data")(lambda r, n: reply(r, 403, b"Bearer jeton-secret"))
    client, _ = make_client()
    with pytest.raises(SourceContentError) as caught:
        client.post_json("https://h.fr/login", {"username": "moi@ici", "password": "mot2passe"})
    assert caught.value.status == 401 and "refusé" in str(caught.value)
    with pytest.raises(SourceContentError) as other:
        client.get("https://h.fr/data?apikey=cle-secrete&a=1", headers={"Authorization": "Bearer jeton-secret"})
    method, _, headers, body = broken.seen[0]
    assert (method, headers["content-type"], body) == (
        "POST",
        "application/json",
        b'{"username": "moi@ici", "password": "mot2passe"}',
    )
    said = str(caught.value) + str(other.value) + caplog.text
    for secret in ("mot2passe", "moi@ici", "jeton-secret", "cle-secrete"):
        assert secret not in said
    assert other.value.where == "https://h.fr/data?apikey=***&a=1"


def test_the_stored_address_holds_no_secret(broken, make_client):
    broken.route("/h.fr/data")(lambda r, n: reply(r, body=OK))
    client, _ = make_client()
    assert client.get("https://h.fr/data?apikey=s").address == "https://h.fr/data?apikey=***"
    with pytest.raises(SourceContentError) as caught:
        client.get("https://moi:passe@h.fr/data")
    assert "passe" not in str(caught.value)


def test_connections_are_used_again_and_cookies_forgotten(broken, make_client):
    ports = set()

    @broken.route("/h.fr/x")
    def _(request, n):
        ports.add(request.client_address[1])
        reply(request, body=OK, Set_Cookie="INSEE=abc; path=/")

    client, _ = make_client()
    for _ in range(5):
        client.get("https://h.fr/x")
    assert len(ports) == 1
    assert not any("cookie" in headers for _, _, headers, _ in broken.seen)


def test_an_unexpected_empty_200_is_a_failure(broken, make_client):
    broken.route("/h.fr/x")(lambda r, n: reply(r, body=b""))
    client, _ = make_client()
    with pytest.raises(SourceContentError, match="vide"):
        client.get("https://h.fr/x", expect="csv")
    assert client.get("https://h.fr/x", expect="csv", allow_empty=True).body == b""


def test_threads_share_a_client(broken, make_client):
    broken.route("/h.fr/x")(lambda r, n: reply(r, 503 if n % 5 == 0 else 200, OK))
    client, _ = make_client(tries=20)
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda i: client.get("https://h.fr/x", params={"i": str(i)}, expect="json"), range(60)))
    assert [page.address for page in pages] == [f"https://h.fr/x?i={i}" for i in range(60)]
    assert {page.body for page in pages} == {OK}


def test_a_watchdog_that_wakes_up_late_leaves_the_connection_alone():
    """Its socket may already serve the next request."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with Watchdog(60) as late:
            late.watch(ours)
        late._bite()
        theirs.sendall(b"next")
        assert not late.expired and ours.recv(4) == b"next"
        with Watchdog(60) as timely:
            timely.watch(ours)
            timely._bite()
        assert timely.expired and ours.recv(4) == b""
