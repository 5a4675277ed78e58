"""Every fault, on the wire: what a client sees when a publisher breaks."""

from __future__ import annotations

import csv
import http.client
import io
import json
import time
import zipfile
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

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


def main_resource(client: Client, dataset: str = CEREMA) -> dict[str, Any]:
    return next(item for item in client.get(dataset).json["resources"] if item["type"] == "main")


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


# -- content -------------------------------------------------------------------------------------------------------


def test_wrong_schema_renames_in_every_format(portal: Portal, client: Client) -> None:
    for host in (GEO, "api.insee.fr", "static.data.gouv.fr", "www.insee.fr", "data.drees.solidarites-sante.gouv.fr"):
        portal.faults.add(host, "/", Kind.WRONG_SCHEMA)
    assert "code_2" in client.get(COMMUNES).json[0] and "code" not in client.get(COMMUNES).json[0]
    assert "GEO_2" in client.get(MELODI).json["observations"][0]["dimensions"]
    assert client.get(main_resource(client)["url"]).text.startswith("idcom_2,idcomtxt")
    files = "https://www.insee.fr/fr/statistiques/fichier"
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{files}/2521169/base_cc_comparateur_csv.zip").body))
    assert archive.read("base_cc_comparateur_2022.CSV").startswith(b"CODGEO_2;")
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{files}/2012804/sl_etc_2025T3.xls").body))
    assert book.get_sheet_by_name("Département").to_python()[3][0] == "Code_2"


def test_wrong_schema_can_name_the_column(portal: Portal, client: Client) -> None:
    portal.faults.add(GEO, "/", Kind.WRONG_SCHEMA, column="population", to="pop")
    assert {"pop", "code"} <= set(client.get(COMMUNES).json[0])


def test_wrong_encoding(portal: Portal, client: Client) -> None:
    whole = client.get(COMMUNES)
    portal.faults.add(GEO, "/", Kind.WRONG_ENCODING)
    got = client.get(COMMUNES)
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    with pytest.raises(UnicodeDecodeError):
        got.body.decode()
    assert got.body.decode("cp1252") == whole.text
    plain = client.get(f"{COMMUNES}?fields=code&limit=1")  # « Abscon » has no accent: UTF-16 then
    assert json.loads(plain.body.decode("utf-16")) == [{"nom": "Abscon", "code": "59002"}]


def test_wrong_encoding_spoils_workbooks(portal: Portal, client: Client) -> None:
    portal.faults.add("www.insee.fr", "/", Kind.WRONG_ENCODING)
    body = client.get("https://www.insee.fr/fr/statistiques/fichier/2012804/sl_etc_2025T3.xls").body
    assert not body.startswith(b"\xd0\xcf\x11\xe0")


def test_count_mismatch(portal: Portal, client: Client) -> None:
    hosts = ("api.insee.fr", GEO, "odre.opendatasoft.com", "data.ademe.fr", "www.data.gouv.fr")
    size, communes = main_resource(client)["filesize"], client.get(COMMUNES).body
    for host in hosts:
        portal.faults.add(host, "/", Kind.COUNT_MISMATCH)
    got = client.get(MELODI).json
    assert got["paging"]["count"] == len(got["observations"]) - 1
    total = client.get(f"{ODRE}/records?limit=0").json["total_count"]
    groups = client.get(f"{ODRE}/exports/json?select=count(*) as n&group_by=codeinseecommune,filiere").json
    assert sum(group["n"] for group in groups) == total + 1
    labels = client.get(
        "https://data.ademe.fr/data-fair/api/v1/datasets/dpe03existant/values_agg?field=etiquette_dpe"
    )
    assert sum(agg["total"] for agg in labels.json["aggs"]) == labels.json["total"] + 1
    assert main_resource(client)["filesize"] == size - 1
    assert client.get(COMMUNES).body == communes  # nothing is announced there


# -- figures -------------------------------------------------------------------------------------------------------


def test_changed_alters_one_figure(portal: Portal, client: Client) -> None:
    url = "https://api.insee.fr/melodi/data/DS_POPULATIONS_REFERENCE?GEO=COM&GEO=REG&maxResult=100000"
    before = client.get(url).json["observations"]
    portal.faults.add("api.insee.fr", "/melodi/data", Kind.CHANGED, factor=1.01)
    after = client.get(url).json["observations"]
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_changed_alters_one_territory_by_a_factor_in_every_format(portal: Portal, client: Client) -> None:
    url = f"{MELODI}&FILOSOFI_MEASURE=MED_SL"

    def values(address: str) -> dict[str, float]:
        found = client.get(address).json["observations"]
        return {o["dimensions"]["GEO"]: o["measures"]["OBS_VALUE_NIVEAU"]["value"] for o in found}

    before, etag = values(url), main_resource(client)["checksum"]["value"]
    for host in ("api.insee.fr", "static.data.gouv.fr"):
        portal.faults.add(host, "/", Kind.CHANGED, code="59172", factor=2.0)
    after = values(url)
    moved = {place for place in before if before[place] != after[place]}
    assert moved == {"2025-COM-59172"} and after["2025-COM-59172"] == 2 * before["2025-COM-59172"]
    changed = main_resource(client)
    assert changed["checksum"]["value"] != etag and changed["last_modified"].startswith("2026-11-20")
    rows = list(csv.DictReader(io.StringIO(client.get(changed["url"]).text)))
    assert sum(row["idcom"] == "59172" for row in rows) == 1


def test_changed_moves_the_dates_that_probes_read(portal: Portal, client: Client) -> None:
    dataset = "consommation-annuelle-d-electricite-et-gaz-par-commune"
    ore = f"https://opendata.agenceore.fr/data-fair/api/v1/datasets/{dataset}"
    catalogue = "https://api.insee.fr/melodi/catalog/DS_FILOSOFI_CC"
    before = (client.get(ore).json["dataUpdatedAt"], client.get(catalogue).json["modified"], client.get(ODRE).json)
    portal.faults.add("opendata.agenceore.fr", f"/data-fair/api/v1/datasets/{dataset}/lines", Kind.CHANGED)
    portal.faults.add("api.insee.fr", "/melodi/data/DS_FILOSOFI_CC", Kind.CHANGED)
    portal.faults.add("odre.opendatasoft.com", "/api/explore/v2.1/catalog/datasets/registre", Kind.CHANGED)
    assert client.get(ore).json["dataUpdatedAt"].startswith("2026-11-20") != before[0]
    assert client.get(catalogue).json["modified"].startswith("2026-11-20") != before[1]
    metas = client.get(ODRE).json["metas"]["default"]
    assert metas["modified"] != before[2]["metas"]["default"]["modified"] and metas["modified"].startswith(
        "2026-11-20"
    )
    other = client.get("https://api.insee.fr/melodi/catalog/DS_POPULATIONS_REFERENCE").json
    assert not other["modified"].startswith("2026-11-20")  # the other dataset did not move


def test_duplicates_keep_the_count_consistent(portal: Portal, client: Client) -> None:
    before = client.get(MELODI).json["paging"]["count"]
    for host in ("api.insee.fr", GEO, "static.data.gouv.fr", "www.insee.fr"):
        portal.faults.add(host, "/", Kind.DUPLICATES, rows=4)
    got = client.get(MELODI).json
    assert got["paging"]["count"] == len(got["observations"]) == before + 4
    both = [row["code"] for row in client.get(f"https://{GEO}/communes?codeDepartement=59").json]
    assert len(both) == 86 and len(set(both)) == 82
    url = "https://www.insee.fr/fr/statistiques/fichier/2012804/sl_etc_2025T3.xls"
    rows = CalamineWorkbook.from_filelike(io.BytesIO(client.get(url).body)).get_sheet_by_name("Département")
    codes = [row[0] for row in rows.to_python() if row[0] == "02"]
    assert len(codes) == 2


def test_missing_communes(portal: Portal, client: Client) -> None:
    portal.faults.add(GEO, "/", Kind.MISSING_COMMUNES, codes=["59172", "59526"])
    codes = {row["code"] for row in client.get(COMMUNES).json}
    assert len(codes) == 45 and not codes & {"59172", "59526"}
    portal.faults.clear()
    portal.faults.add("api.insee.fr", "/", Kind.MISSING_COMMUNES, count=3)
    places = {o["dimensions"]["GEO"] for o in client.get(MELODI).json["observations"]}
    assert len(places) == 79 and "2025-COM-59002" not in places


def test_faults_leave_no_trace(portal: Portal, client: Client) -> None:
    urls = [COMMUNES, MELODI, CEREMA, f"{ODRE}/exports/json?limit=5"]
    before = [client.get(url).body for url in urls]
    for kind in (Kind.CHANGED, Kind.WRONG_SCHEMA, Kind.DUPLICATES, Kind.WRONG_ENCODING):
        for host in (GEO, "api.insee.fr", "static.data.gouv.fr", "odre.opendatasoft.com"):
            portal.faults.add(host, "/", kind)
    assert all(client.get(url).body != body for url, body in zip(urls, before, strict=True))
    portal.faults.clear()
    assert [client.get(url).body for url in urls] == before


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
