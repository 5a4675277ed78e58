"""What Atmo, ORE, ADEME, ODRÉ, DREES and data.gouv.fr answer: figures, errors, paging, odd corners."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from flows.portal import ATMO_REFUSED, Portal
from tests.portal.conftest import DEMONSTRATION, TODAY, Client

ATMO = "https://admindata.atmo-france.org"
ORE = "https://opendata.agenceore.fr/data-fair/api/v1/datasets/consommation-annuelle-d-electricite-et-gaz-par-commune"
ADEME = "https://data.ademe.fr/data-fair/api/v1/datasets/dpe03existant"
ODRE = (
    "https://odre.opendatasoft.com/api/explore/v2.1/catalog/datasets/"
    "registre-national-installation-production-stockage-electricite-agrege"
)
DREES = (
    "https://data.drees.solidarites-sante.gouv.fr/api/explore/v2.1/catalog/datasets/"
    "530_l-accessibilite-potentielle-localisee-apl"
)


def table(name: str) -> list[dict[str, str]]:
    with (DEMONSTRATION / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# -- Atmo ----------------------------------------------------------------------------------------------------------


def test_atmo_login(client: Client) -> None:
    def login(body: Any) -> Any:
        return client.get(f"{ATMO}/api/login", method="POST", body=json.dumps(body).encode())

    good = login({"username": "une personne", "password": "demonstration"})
    assert good.status == 200 and good.json["token"].count(".") == 2
    bad = login({"username": "une personne", "password": ATMO_REFUSED})
    assert bad.status == 401 and bad.json["message"] == "Identifiants invalides."
    assert login({}).status == 400
    without = client.get(f"{ATMO}/api/v2/data/indices/atmo?format=csv")
    assert without.status == 401 and without.json["message"] == "JWT Token not found"
    wrong = client.get(f"{ATMO}/api/v2/data/indices/atmo", headers={"Authorization": "Bearer a.b.c"})
    assert wrong.status == 401
    assert "x-observatoire-simule" not in good.headers


def test_atmo_days(client: Client) -> None:
    got = client.air("format=csv&code_zone=59172,59526&date=2026-11-19&date_historique=2026-11-13")
    rows = list(csv.DictReader(io.StringIO(got.text)))
    assert got.headers["x-observatoire-simule"] == "1"
    assert len(rows) == 14 and {row["code_zone"] for row in rows} == {"59172", "59526"}
    for row in rows:
        subs = [int(row[f"code_{name}"]) for name in ("no2", "o3", "pm10", "pm25", "so2")]
        assert int(row["code_qual"]) == max(subs) and min(subs) >= 1
        assert row["date_dif"] == row["date_ech"].replace("-", "/")


def test_atmo_today_is_empty_before_two(client: Client) -> None:
    got = client.air("format=csv&code_zone=59172&date=2026-11-20&date_historique=2026-11-20")
    assert (got.status, got.body) == (200, b"") and got.headers["x-observatoire-simule"] == "1"
    with Portal(DEMONSTRATION, TODAY, hour=15) as afternoon:
        assert Client(afternoon).air("format=csv&code_zone=59172").text.count("2026-11-20") == 1


def test_atmo_geojson(client: Client) -> None:
    got = client.air("format=geojson&code_zone=59172&date=2026-11-18&with_geom=false").json
    feature = got["features"][0]
    assert got["type"] == "FeatureCollection" and feature["geometry"] is None
    assert feature["properties"]["aasqa"] == "32" and isinstance(feature["properties"]["code_qual"], int)


# -- data-fair -----------------------------------------------------------------------------------------------------


def test_ore_lines_to_the_end(client: Client) -> None:
    url, seen = f"{ORE}/lines?size=60&code_epci_eq=200042190&annee_eq=2024&select=code_commune,conso_totale_mwh", []
    while url:
        page = client.get(url).json
        seen += page["results"]
        assert ("next" in page) == (len(page["results"]) == 60)
        url = page.get("next", "")
    expected = [row for row in table("ore__consommation") if row["code_epci"] == "200042190"]
    assert len(seen) == page["total"] == len(expected)
    secret = [row for row in expected if row["conso_totale_mwh"] == ""]
    assert sum("conso_totale_mwh" not in row for row in seen) == len(secret) > 0  # null fields are omitted


def test_ore_years_and_sums(client: Client) -> None:
    got = client.get(f"{ORE}/values_agg?field=annee&metric=sum&metric_field=conso_totale_mwh").json
    rows = table("ore__consommation")
    assert got["total"] == len(rows) and [agg["value"] for agg in got["aggs"]] == ["2024"]
    assert got["aggs"][0]["metric"] == pytest.approx(sum(float(row["conso_totale_mwh"] or 0) for row in rows))


def test_ademe_counts(client: Client) -> None:
    url = f'{ADEME}/values_agg?field=code_insee_ban;etiquette_dpe&agg_size=1000;10&qs=code_departement_ban:"59"'
    got = client.get(url).json
    found = {(c["value"], e["value"]): e["total"] for c in got["aggs"] for e in c["aggs"]}
    assert found == {
        (row["code_insee_ban"], row["etiquette_dpe"]): int(row["nombre"]) for row in table("ademe_dpe__etiquettes")
    }
    assert got["total_other"] == 0
    cut = client.get(f"{ADEME}/values_agg?field=code_insee_ban&agg_size=5").json
    assert cut["total_other"] == got["total"] - sum(agg["total"] for agg in cut["aggs"]) > 0
    assert client.get(f"{ADEME}/lines").status == 501  # aggregates only: diagnoses are personal data
    assert client.get(ADEME).json["dataUpdatedAt"].startswith("2026-06-30")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/values_agg", 'Le paramètre "field" est obligatoire'),
        ("/values_agg?field=rien", 'Le paramètre "field" référence un champ inconnu rien'),
        ("/values_agg?field=annee&agg_size=1001", '"agg_size" cannot be more than 1000'),
        ("/lines?size=10001", '"size" cannot be more than 10000'),
        ("/lines?size=6000&page=2", '"size * page" cannot be more than 10000'),
        ("/lines?after=x", '"after" parameter is malformed'),
        ("/lines?rien_eq=1", 'Le paramètre "rien_eq" référence un champ inconnu rien'),
    ],
)
def test_datafair_errors_are_plain_text(client: Client, path: str, text: str) -> None:
    got = client.get(ORE + path)
    assert (got.status, got.text) == (400, text)
    assert got.headers["content-type"].startswith("text/plain")


def test_datafair_validators(client: Client) -> None:
    got = client.get(ORE)
    assert got.headers["cache-control"] == "must-revalidate, public, max-age=300"
    assert client.get(ORE, headers={"If-None-Match": got.headers["etag"]}).status == 304
    assert client.get(ORE, headers={"If-Modified-Since": got.headers["last-modified"]}).status == 304
    assert client.get(f"{ORE}?finalizedAt=2099-01-01T00:00:00.000Z").status == 400


def test_datafair_csv(client: Client) -> None:
    got = client.get(f"{ORE}/lines?size=3&format=csv&select=annee,code_commune,conso_totale_mwh")
    assert got.body.startswith(b'\xef\xbb\xbf"Ann')
    assert got.text.lstrip("\ufeff").splitlines()[1].startswith('"2024","59')


# -- Explore -------------------------------------------------------------------------------------------------------


def test_odre_groups_give_the_table_back(client: Client) -> None:
    select = (
        "codeinseecommune,filiere,count(*) as n,count(energieannuelleglissanteinjectee) as e,"
        "sum(nbinstallations) as nb,sum(puismaxinstallee) as kw,sum(energieannuelleglissanteinjectee) as kwh"
    )
    where = 'codeepci in ("200042190","245901160")'
    rows = client.get(f"{ODRE}/exports/json?select={select}&where={where}&group_by=codeinseecommune,filiere").json
    found = {(row["codeinseecommune"], row["filiere"]): row for row in rows}
    for row in table("odre__registre"):
        got = found.pop((row["codeinseecommune"], row["filiere"]))
        assert (got["n"], got["e"]) == (int(row["n_lignes"]), int(row["n_avec_energie"]))
        for name, column in (("nb", "nb_installations"), ("kw", "puissance_kw"), ("kwh", "energie_injectee_kwh")):
            assert got[name] == (float(row[column]) if row[column] else None), (row, name)
    assert not found


def test_odre_title_carries_the_date_and_limits_hold(client: Client) -> None:
    assert client.get(ODRE).json["metas"]["default"]["title"].endswith("(au 31/07/2026)")
    total = client.get(f"{ODRE}/records?limit=0").json
    assert total["results"] == [] and total["total_count"] == sum(int(r["n_lignes"]) for r in table("odre__registre"))
    too_many = client.get(f"{ODRE}/records?limit=1473")
    assert too_many.status == 400 and too_many.json["error_code"] == "InvalidRESTParameterError"
    assert too_many.json["message"].endswith("1473 was found but -1 <= limit <= 100 is expected.")
    window = client.get(f"{ODRE}/records?limit=1&offset=10000")
    assert window.json["message"].endswith("10001 was found but <= 10000 is expected.")
    odsql = client.get(f"{ODRE}/records?select=invalid_function(commune)")
    assert odsql.status == 400 and odsql.json["error_code"] == "ODSQLError"
    assert client.get(f"{ODRE}/exports/json").headers["transfer-encoding"] == "chunked"
    assert client.get(f"{ODRE}/exports/csv").body.startswith(b"\xef\xbb\xbfnominstallation;")


def test_drees_workbook(client: Client) -> None:
    listed = client.get(f"{DREES}/attachments").json["attachments"]
    (wanted,) = [item for item in listed if "APL aux médecins généralistes" in item["metas"]["title"]]
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(wanted["href"]).body))
    assert book.sheet_names[1:] == ["APL 2022", "APL 2023", "APL 2024"]
    rows = book.get_sheet_by_name("APL 2024").to_python()
    assert [str(cell).strip() for cell in rows[8]][:3] == [
        "Code commune INSEE",
        "Commune",
        "APL aux médecins généralistes",
    ]
    assert len(rows) == 10 + 82 and str(rows[9][2]).startswith("nombre de consultations")
    assert rows[10][0] == "59002"


# -- data.gouv -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dataset", "name", "rows"),
    [
        ("6a01b9280dd2d45907e5fc61", "cerema", 82),
        ("5448d3e0c751df01f85d0572", "irve", 568),
        ("inventaire-de-gaz-a-effet-de-serre-territorialise", "ges", 82),
    ],
)
def test_datagouv_files(client: Client, dataset: str, name: str, rows: int) -> None:
    found = client.get(f"https://www.data.gouv.fr/api/1/datasets/{dataset}/").json
    (main,) = [item for item in found["resources"] if item["type"] == "main"]
    redirected = client.get(main["latest"])
    assert redirected.status == 302 and redirected.headers["location"] == main["url"]
    file = client.get(main["url"])
    assert hashlib.sha1(file.body).hexdigest() == main["checksum"]["value"]
    assert len(file.body) == main["filesize"]
    assert len(list(csv.DictReader(io.StringIO(file.text)))) == rows, name
    assert client.get(main["url"], headers={"If-None-Match": file.headers["etag"]}).status == 304
    listed = client.get(f"https://www.data.gouv.fr/api/2/datasets/{dataset}/resources/?page=1&page_size=1&type=main")
    assert listed.json["total"] == 1 and listed.json["next_page"] is None
    assert listed.json["data"][0]["id"] == main["id"]


def test_datagouv_unknown(client: Client) -> None:
    for path in ("1/datasets/rien/", "1/datasets/r/rien", "2/datasets/rien/resources/"):
        got = client.get(f"https://www.data.gouv.fr/api/{path}")
        assert got.status == 404 and "message" in got.json
