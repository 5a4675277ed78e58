"""What geo.api.gouv.fr and Insee answer: figures, errors, paging, the odd corners of the contracts."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from tests.portal.conftest import DEMONSTRATION, Client

GEO = "https://geo.api.gouv.fr"
MELODI = "https://api.insee.fr/melodi"
FILES = "https://www.insee.fr/fr/statistiques/fichier"


def table(name: str) -> list[dict[str, str]]:
    with (DEMONSTRATION / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# -- geo -----------------------------------------------------------------------------------------------------------


def test_geo_communes_of_an_epci(client: Client) -> None:
    rows = client.get(f"{GEO}/epcis/200042190/communes?fields=nom,code,population,surface,centre").json
    assert len(rows) == 47
    assert list(rows[0]) == ["nom", "code", "population", "surface", "centre"]
    known = {row["code"]: row for row in table("geo__communes")}
    assert all(row["population"] == int(known[row["code"]]["population"]) for row in rows)
    assert "codesPostaux" not in client.get(f"{GEO}/communes/59172").json  # unknown: omitted, never null


def test_geo_contours(client: Client) -> None:
    got = client.get(f"{GEO}/epcis/245901160/communes?format=geojson&geometry=contour").json
    assert got["type"] == "FeatureCollection" and len(got["features"]) == 35
    assert {feature["geometry"]["type"] for feature in got["features"]} <= {"Polygon", "MultiPolygon"}
    assert all("contour" not in feature["properties"] for feature in got["features"])


def test_geo_conditional(client: Client) -> None:
    url = f"{GEO}/epcis/200042190"
    etag = client.get(url).headers["etag"]
    again = client.get(url, headers={"If-None-Match": etag})
    assert (again.status, again.body) == (304, b"") and again.headers["etag"] == etag
    assert client.get(url, headers={"If-None-Match": 'W/"1-x"'}).status == 200


@pytest.mark.parametrize(
    ("path", "method", "status", "text"),
    [
        ("/communes?format=geojson", "GET", 400, "Bad Request"),
        ("/communes?codeEpci=200042190&limit=-1", "GET", 400, "Bad Request"),
        ("/epcis/000", "GET", 404, "Not Found"),
        ("/epcis/000/communes", "GET", 404, "Not Found"),
        ("/epcis", "POST", 401, "Method POST not allowed"),
    ],
)
def test_geo_errors_are_plain_text(client: Client, path: str, method: str, status: int, text: str) -> None:
    got = client.get(GEO + path, method=method)
    assert (got.status, got.text) == (status, text)
    assert got.headers["content-type"].startswith("text/plain")


def test_geo_unknown_filter_is_empty(client: Client) -> None:
    assert client.get(f"{GEO}/communes?codeEpci=000").json == []


# -- Melodi --------------------------------------------------------------------------------------------------------


def test_melodi_pages_follow_each_other(client: Client) -> None:
    query = "GEO=EPCI-200042190%2ACOM&POPREF_MEASURE=PMUN&idTerritoire=TRUE&maxResult=100"
    url, seen = f"{MELODI}/data/DS_POPULATIONS_REFERENCE?{query}", []
    while url:
        page = client.get(url).json
        seen += [(o["dimensions"]["GEO"], o["dimensions"]["TIME_PERIOD"]) for o in page["observations"]]
        assert page["paging"]["first"].endswith("&page=1") and "count" not in page["paging"]
        url = page["paging"].get("next", "")
    count = client.get(f"{MELODI}/data/DS_POPULATIONS_REFERENCE?{query}&totalCount=TRUE").json["paging"]["count"]
    assert len(seen) == len(set(seen)) == count > 100
    assert seen != sorted(seen)  # the order is arbitrary


def test_melodi_secret_has_no_value(client: Client) -> None:
    got = client.get(f"{MELODI}/data/DS_FILOSOFI_CC?GEO=COM&FILOSOFI_MEASURE=PR_MD60&maxResult=1000").json
    secret = [o for o in got["observations"] if "value" not in o["measures"].get("OBS_VALUE_NIVEAU", {})]
    assert len(secret) == 42 and len(got["observations"]) == 82
    assert {o["attributes"]["CONF_STATUS"] for o in secret} == {"C"}
    assert {bool(o["measures"]) for o in secret} == {True, False}  # both recorded forms


def test_melodi_query_rules(client: Client) -> None:
    def codes(query: str) -> set[str]:
        got = client.get(f"{MELODI}/data/DS_FILOSOFI_CC?maxResult=1000&FILOSOFI_MEASURE=MED_SL&{query}")
        return {o["dimensions"]["GEO"] for o in got.json["observations"]}

    assert codes("GEO=COM-59172&GEO=COM-59526") == {"2025-COM-59172", "2025-COM-59526"}
    assert codes("GEO=2025-COM-59172") == {"2025-COM-59172"}
    assert codes("GEO=2022-COM-59172") == set()
    assert codes("GEO=COM-59172&SANS_EFFET=1") == {"2025-COM-59172"}  # unknown names are ignored silently
    assert client.get(f"{MELODI}/data/DS_FILOSOFI_CC?FILOSOFI_MEASURE=RIEN").status == 400


def test_melodi_has_no_validator(client: Client) -> None:
    headers = client.get(f"{MELODI}/catalog/DS_FILOSOFI_CC").headers
    assert "etag" not in headers and "last-modified" not in headers
    assert headers["cache-control"].startswith("no-cache")


def test_melodi_bulk_file(client: Client) -> None:
    product = client.get(f"{MELODI}/catalog/DS_FILOSOFI_CC").json["product"][0]
    archive = zipfile.ZipFile(io.BytesIO(client.get(product["accessURL"]).body))
    text = archive.read("DS_FILOSOFI_CC_2021_data.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == len(table("insee__filosofi"))
    assert text.startswith('"GEO";"GEO_OBJECT"')


# -- insee.fr ------------------------------------------------------------------------------------------------------


def members(client: Client, path: str) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{FILES}/{path}").body))
    return {name: archive.read(name) for name in archive.namelist()}


def test_insee_filosofi_shapes_of_each_era(client: Client) -> None:
    book = members(client, "3126432/filo-revenu-pauvrete-menage-2014.zip")
    sheets = CalamineWorkbook.from_filelike(
        io.BytesIO(book["filo-revenu-pauvrete-menage-2014/base-cc-filosofi-2014.xls"])
    )
    rows = sheets.get_sheet_by_name("COM").to_python()
    assert rows[5] == ["CODGEO", "LIBGEO", "MED14", "TP6014"]
    assert rows[6][0] == "59002" and isinstance(rows[6][2], float) and rows[6][3] == "nd"
    wide = members(client, "6036902/base-cc-filosofi-2019_CSV.zip")["cc_filosofi_2019_COM.csv"]
    assert wide.startswith(b"\xef\xbb\xbfCODGEO;LIBGEO;MED19;TP6019\r\n")
    secret = members(client, "6692392/base-cc-filosofi-2020_CSV.zip")["cc_filosofi_2020_COM.csv"]
    assert not secret.startswith(b"\xef\xbb\xbf") and secret.count(b";s\r\n") == 42
    long = members(client, "8984752/FILOSOFI_CC_csv.zip")["DS_FILOSOFI_CC_2023_data.csv"].decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(long), delimiter=";"))
    assert ("FM", "FRANCE") in {(row["GEO"], row["GEO_OBJECT"]) for row in found}
    assert all((row["OBS_VALUE"] == "") == (row["CONF_STATUS"] == "C") for row in found)


def test_insee_comparateur(client: Client) -> None:
    found = members(client, "2521169/base_cc_comparateur_csv.zip")
    text = found["base_cc_comparateur_2022.CSV"].decode()
    assert text.splitlines()[0].startswith("CODGEO;P18_POP;SUPERF;P18_LOG;P18_RP;P18_LOGVAC;MED19;TP6019")
    assert len(text.splitlines()) == 83


@pytest.mark.parametrize(
    "name", ["1893230/chomage-zone-t1-2003-t2-2023.xlsx", "2012804/sl_etc_2026T1.xls", "rien.zip"]
)
def test_insee_unknown_names_are_html(client: Client, name: str) -> None:
    got = client.get(f"{FILES}/{name}")
    assert got.status == 404 and got.text.startswith("<!DOCTYPE html>")
