"""The portal's own behaviour: hosts, HEAD, journal, missing figures, port."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from flows.portal import Portal, PortalError
from tests.portal.conftest import DEMONSTRATION, TODAY, Client

GEO = "https://geo.api.gouv.fr"


# -- the portal itself ---------------------------------------------------------------------------------------------


def test_unknown_host_is_said(client: Client) -> None:
    got = client.get("https://example.org/x")
    assert got.status == 421 and "n'est pas servi" in got.json["erreur"]
    assert "api.insee.fr" in client.raw("/").json["hotes"]


def test_head_has_headers_and_no_body(client: Client) -> None:
    url = f"{GEO}/epcis/200042190"
    head, got = client.get(url, method="HEAD"), client.get(url)
    assert head.body == b"" and head.headers == got.headers


def test_journal_counts_requests(portal: Portal, client: Client) -> None:
    client.get(f"{GEO}/epcis/200042190?fields=nom")
    (entry,) = client.raw("/__journal").json
    assert (entry["host"], entry["path"], entry["query"]) == ("geo.api.gouv.fr", "/epcis/200042190", "fields=nom")


def test_missing_figures_are_said_in_french(tmp_path: Path) -> None:
    with pytest.raises(PortalError, match="n'existe pas"):
        Portal(tmp_path / "rien", TODAY)
    with Portal(tmp_path, TODAY) as empty:
        got = Client(empty).get(f"{GEO}/epcis")
        assert got.status == 500 and "geo__communes" in got.json["erreur"]
    (tmp_path / "geo__communes.csv").write_text("code,nom\n59172,Denain\n", encoding="utf-8")
    with Portal(tmp_path, TODAY) as poor:
        assert "code_epci" in Client(poor).get(f"{GEO}/epcis").json["erreur"]


def test_port_taken_is_said(portal: Portal) -> None:
    port = int(portal.url.rsplit(":", 1)[1])
    with pytest.raises(PortalError, match=str(port)):
        Portal(DEMONSTRATION, TODAY, port=port).start()
    stopped = Portal(DEMONSTRATION, dt.date(2026, 1, 1))
    with pytest.raises(PortalError, match="pas démarré"):
        _ = stopped.url
