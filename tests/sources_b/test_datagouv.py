"""data.gouv.fr: from a dataset to its file, on a recorded answer and on reconstructed ones."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from flows.core.errors import SourceContentError, SourceWithdrawn
from flows.sources import cerema, datagouv, ges, irve
from tests.sources_b.conftest import FakeHttp, context, fetched, make_territory

API = "https://www.data.gouv.fr/api"
ID = "b258feec-f8ff-4e0a-93b3-baf1fe46ef66"
WANTED = datagouv.Wanted("jeu", "conso[-_ ]?com", "csv", "csv")


def resource(identifier: str = ID, **changes: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "title": "conso-com.csv",
        "type": "main",
        "format": "csv",
        "last_modified": "2026-07-24T08:00:00+00:00",
        "checksum": None,
        "url": "https://static.data.gouv.fr/resources/x/20260724-080000/conso-com.csv",
    } | changes


def server(body: bytes, *resources: dict[str, Any], more: list[dict[str, Any]] | None = None) -> FakeHttp:
    """api/1 lists `resources`; api/2 pages `more` two by two."""
    more = more or []

    def listing(params: dict[str, str]) -> Any:
        start = (int(params["page"]) - 1) * 2
        chosen = more[start : start + 2]
        following = "suite" if start + 2 < len(more) else None
        return {"data": chosen, "next_page": following, "total": len(more)}

    files = {f"{API}/1/datasets/r/{r['id']}": body for r in (*resources, *more)}
    return FakeHttp(
        {
            f"{API}/1/datasets/jeu/": lambda p: {"id": "jeu", "resources": list(resources)},
            f"{API}/2/datasets/jeu/resources/": listing,
            **files,
        }
    )


def test_the_file_is_found_and_checked_against_its_checksum() -> None:
    body = b"idcom,naf\n"
    right = {"type": "sha1", "value": hashlib.sha1(body, usedforsecurity=False).hexdigest()}
    http = server(body, resource("0000-0000", title="Documentation.csv"), resource(checksum=right))
    pages = list(datagouv.download(http, WANTED))
    assert [p.name for p in pages] == ["metadata", "data"] and pages[-1].body == body
    assert http.asked[-1][0] == f"{API}/1/datasets/r/{ID}", "the stable link, never the dated address"
    assert datagouv.resource(http, WANTED)[1].token == right["value"]
    with pytest.raises(SourceContentError, match="n'est pas celui qu'annonce"):
        list(datagouv.download(server(body + b" ", resource(checksum=right)), WANTED))


def test_without_checksum_the_date_is_the_token() -> None:
    assert datagouv.resource(server(b"", resource()), WANTED)[1].token == "2026-07-24T08:00:00+00:00"


def test_the_newest_of_several_files_is_taken() -> None:
    old = resource("1111-1111", last_modified="2025-07-24T08:00:00+00:00", title="conso_com_2024.csv")
    for order in ((old, resource()), (resource(), old)):
        assert datagouv.resource(server(b"", *order), WANTED)[1].id == ID


def test_a_long_list_is_read_to_its_end_before_a_file_is_missing() -> None:
    others = [resource(f"2222-000{i}", title=f"autre {i}") for i in range(5)]
    http = server(b"x", *others[:1], more=[*others, resource()])
    assert datagouv.resource(http, WANTED)[1].id == ID
    assert [p["page"] for url, p in http.asked if "/api/2/" in url] == ["1", "2", "3"]
    with pytest.raises(SourceContentError, match="titres vus : autre 0"):
        datagouv.resource(server(b"x", *others[:1], more=others), WANTED)


def test_a_cut_list_is_refused() -> None:
    http = server(b"", resource(title="autre"))
    http.answers[f"{API}/2/datasets/jeu/resources/"] = lambda p: {"data": [], "next_page": None, "total": 4}
    with pytest.raises(SourceContentError, match="0 fichiers listés au lieu des 4"):
        datagouv.resource(http, WANTED)


def test_a_withdrawn_dataset_says_where_to_look_next() -> None:
    for http in (FakeHttp(), FakeHttp({f"{API}/1/datasets/{cerema.WANTED.dataset}/": lambda p: {"deleted": "2027"}})):
        with pytest.raises(SourceWithdrawn) as caught:
            datagouv.resource(http, cerema.WANTED)
        assert "nouveau millésime" in caught.value.todo


@pytest.mark.shared
def test_a_recorded_dataset_is_understood(shared: Path) -> None:
    recorded = (shared / "data" / "api" / "datagouv_dataset_sample.json").read_bytes()
    known = json.loads(recorded)["resources"]
    wanted = datagouv.Wanted(json.loads(recorded)["id"], "stockunitelegale", "zip", "zip")
    found = datagouv.resource(FakeHttp({f"{API}/1/datasets/{wanted.dataset}/": recorded}), wanted)[1]
    assert found.address == known[0]["latest"]
    assert found.checksum == ("sha1", known[0]["checksum"]["value"]) and found.token == known[0]["checksum"]["value"]


@pytest.mark.parametrize("module", [cerema, irve, ges])
def test_each_file_is_asked_and_probed(module: Any) -> None:
    (dataset,) = module.datasets(make_territory())
    titles = {
        cerema: "conso-com.csv",
        irve: "Consolidation de la dernière version à date du schéma (v2.3.1)",
        ges: "IGT - Pouvoir de réchauffement global",
    }
    url = f"{API}/1/datasets/{module.WANTED.dataset}/"
    listed = [resource(title=titles[module]), resource("3333-3333", title=titles[module], format="geojson")]
    http = FakeHttp({url: lambda p: {"resources": listed}, f"{API}/1/datasets/r/{ID}": b"a,b\n"})
    ctx = context(http, make_territory())
    assert [p.name for p in fetched(dataset, ctx)] == ["metadata", "data"]
    token = dataset.probe(ctx, None)
    assert token == ("2026-07" if module is irve else "2026-07-24T08:00:00+00:00")
