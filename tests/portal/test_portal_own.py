"""The portal's own behaviour: hosts, HEAD, journal, missing figures, port."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
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


def test_many_clients_at_once_get_the_same_answers() -> None:
    addresses = [
        f"{GEO}/epcis/200042190/communes",
        "https://api.insee.fr/melodi/data/DS_FILOSOFI_CC?GEO=COM&maxResult=1000",
        "https://www.insee.fr/fr/statistiques/fichier/2521169/base_cc_comparateur_csv.zip",
        "https://www.data.gouv.fr/api/1/datasets/5448d3e0c751df01f85d0572/",
    ]
    with Portal(DEMONSTRATION, TODAY) as fresh, ThreadPoolExecutor(8) as pool:
        client = Client(fresh)
        found = list(pool.map(lambda i: client.get(addresses[i % len(addresses)]), range(48)))
    assert {got.status for got in found} == {200}
    assert len({got.body for got in found}) == len(addresses)
    assert len(fresh.journal) == 48


def test_a_portal_starts_again_and_another_day_opens_other_days() -> None:
    portal = Portal(DEMONSTRATION, TODAY)
    query = "format=csv&code_zone=59172&date=2026-11-20&date_historique=2026-11-20"
    with portal:
        assert Client(portal).air(query).body == b""
    portal.today = TODAY + dt.timedelta(days=1)
    with portal:
        assert "2026-11-20" in Client(portal).air(query).text
