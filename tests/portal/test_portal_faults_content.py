"""Faults of the content and of the figures, in every format that carries them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from flows.portal import Kind, Portal
from tests.portal.conftest import Client

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
