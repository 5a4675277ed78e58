"""The shapes served are those that were recorded: same keys, same types, same header names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.portal.answers import weak_etag
from flows.portal.sets.cerema import cerema_header
from flows.portal.sets.irve import IRVE_HEADER
from flows.portal.sets.odre import REGISTRY_FIELDS
from tests.portal.conftest import Client

# What the portal leaves out on purpose: the transport of a real front server.
FRONT = {"server", "date", "content-length", "strict-transport-security", "x-frame-options", "x-xss-protection"}


def recorded(shared: Path, name: str) -> Any:
    return json.loads((shared / "data" / name).read_text("utf-8"))


def headers_of(shared: Path, folder: str, name: str) -> set[str]:
    entries = recorded(shared, f"raw_api/{folder}/INDEX.json")
    entry = next(entry for entry in entries if entry["file"] == name)
    return {header.lower() for header in entry["headers"]}


def shape(value: Any) -> Any:
    """Keys and types, the first element of a list standing for all of them."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "null" if value is None else type(value).__name__


@pytest.mark.shared
def test_geo_epcis(client: Client, shared: Path) -> None:
    real = recorded(shared, "raw_api/geo_api/api_geo_epcis.0.json")
    got = client.get("https://geo.api.gouv.fr/epcis?codeDepartement=59")
    assert list(got.json[0]) == list(real[0])
    assert shape(got.json) == shape(real)
    assert headers_of(shared, "geo_api", "api_geo_epcis.0.json") - FRONT <= set(got.headers)


@pytest.mark.shared
@pytest.mark.parametrize(("path", "name"), [("regions", "regions"), ("departements", "departements")])
def test_geo_lists(client: Client, shared: Path, path: str, name: str) -> None:
    real = recorded(shared, f"raw_api/geo_api/api_geo_{name}.0.json")
    got = client.get(f"https://geo.api.gouv.fr/{path}").json
    assert shape(got) == shape(real)
    assert all(item in real for item in got)


@pytest.mark.shared
def test_geo_etag_is_computed_as_recorded(shared: Path) -> None:
    entries = recorded(shared, "raw_api/geo_api/INDEX.json")
    checked = 0
    for entry in entries:
        path = shared / "data/raw_api/geo_api" / entry["file"]
        if path.exists():
            assert weak_etag(path.read_bytes().rstrip(b"\n")) == entry["headers"]["Etag"][0]
            checked += 1
    assert checked == 3


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("get_local_data_popref.1.json", "GEO=DEP-59&TIME_PERIOD=2021&idTerritoire=TRUE&maxResult=100000"),
        ("get_local_data_by_com_popref.0.json", "GEO=EPCI-200042190%2ACOM&totalCount=TRUE&maxResult=0"),
        ("get_data_popref_empty.0.json", "TIME_PERIOD=1900&GEO=COM-59172&totalCount=TRUE&maxResult=0"),
    ],
)
def test_melodi_observations(client: Client, shared: Path, name: str, query: str) -> None:
    real = recorded(shared, f"raw_api/melodi/{name}")
    got = client.get(f"https://api.insee.fr/melodi/data/DS_POPULATIONS_REFERENCE?{query}")
    assert shape(got.json) == shape(real)
    assert list(got.json) == list(real)
    assert got.json["title"] == real["title"] and got.json["publisher"] == real["publisher"]
    assert got.json["paging"]["first"] == f"https://api.insee.fr/melodi/data/DS_POPULATIONS_REFERENCE?{query}&page=1"
    assert headers_of(shared, "melodi", name) - FRONT <= set(got.headers)
    assert got.headers["content-type"] == "application/json"


@pytest.mark.shared
def test_melodi_with_attributes(client: Client, shared: Path) -> None:
    real = recorded(shared, "raw_api/melodi/get_data_obs_value_indice_prix.1.json")
    url = "https://api.insee.fr/melodi/data/DS_FILOSOFI_CC?GEO=COM-59172&FILOSOFI_MEASURE=MED_SL"
    got = client.get(url).json
    assert list(got) == list(real)
    assert list(got["observations"][0]) == list(real["observations"][0])
    assert {"CONF_STATUS", "OBS_STATUS"} <= set(got["observations"][0]["attributes"])


@pytest.mark.shared
def test_melodi_unknown_dataset(client: Client, shared: Path) -> None:
    got = client.get("https://api.insee.fr/melodi/data/DS_NEXISTEPAS?totalCount=TRUE&maxResult=0")
    assert got.status == 500
    assert got.body == (shared / "data/raw_api/melodi/get_data_not_exist.0.txt").read_bytes()
    assert len(got.body) == 46
    assert got.headers["content-type"] == "text/plain;charset=UTF-8"


# Datasets of the census that the recorded catalogue does not list, with the recorded one of the same family.
NOT_RECORDED = {
    "DS_RP_TD_POPULATION_AGESEX_PRINC": "DS_RP_POPULATION_PRINC",
    "DS_RP_TD_POPULATION_AGEHARSEX_PRINC": "DS_RP_POPULATION_PRINC",
}


@pytest.mark.shared
def test_melodi_catalogue(client: Client, shared: Path) -> None:
    real = {item["identifier"]: item for item in recorded(shared, "raw_api/melodi/get_catalog_fr.0.json")}
    served = client.get("https://api.insee.fr/melodi/catalog/all").json
    assert {item["identifier"] for item in served} - set(real) == set(NOT_RECORDED)
    for item in served:
        known = real[NOT_RECORDED.get(item["identifier"], item["identifier"])]
        # Optional keys of the records (shortcuts, order of components) are not all served; some have no keyword.
        assert set(item) - {"keyword"} <= set(known)
        assert set(known) - set(item) <= {"raccourcis", "ordreComposants"}
        for key in ("uri", "modified", "publisher", "structure", "issued"):
            if key != "uri" and item["identifier"] == "DS_POPULATIONS_REFERENCE" and key in ("issued", "modified"):
                assert type(item[key]) is type(known[key])
            elif key != "uri":
                assert shape(item[key]) == shape(known[key])
        assert set(item["product"][0]) == set(known["product"][0])
        assert client.get(f"https://api.insee.fr/melodi/catalog/{item['identifier']}").json == item


@pytest.mark.shared
def test_melodi_range(client: Client, shared: Path) -> None:
    real = recorded(shared, "raw_api/melodi/get_range_geo_ec_deces.0.json")
    got = client.get("https://api.insee.fr/melodi/range/DS_POPULATIONS_REFERENCE").json
    assert list(got) == list(real)
    concepts = {item["concept"]["code"]: item for item in real["range"]}
    for item in got["range"]:
        known = concepts.get(item["concept"]["code"])
        if known:
            assert set(item) == set(known)
            assert set(item["values"][0]) - {"iri"} == set(known["values"][0]) - {"iri"}  # iri: on some concepts only
            assert item["type"] == known["type"]
    assert {"GEO", "TIME_PERIOD", "MEASURE"} <= {item["concept"]["code"] for item in got["range"]}
    unknown = recorded(shared, "raw_api/melodi/get_code_list_ko.0.json")
    assert client.get("https://api.insee.fr/melodi/rmes/listeCode/CL_RIEN").json == unknown


@pytest.mark.shared
def test_datafair_lines(client: Client, shared: Path) -> None:
    real = recorded(shared, "api/ademe_dpe_datafair_lines_excerpt.json")
    url = "https://opendata.agenceore.fr/data-fair/api/v1/datasets/"
    url += "consommation-annuelle-d-electricite-et-gaz-par-commune/lines?size=2&select=code_commune,conso_totale_mwh"
    got = client.get(url).json
    assert list(got) == list(real)
    assert type(got["total"]) is int and got["next"].startswith(url.split("?")[0])
    assert got["results"][0]["_score"] is None


@pytest.mark.shared
def test_explore_registry_record(client: Client, shared: Path) -> None:
    real = recorded(shared, "api/odre_registre_export_json_excerpt.json")[0]
    assert list(REGISTRY_FIELDS) == list(real)
    assert len(real) == 51
    base = "https://odre.opendatasoft.com/api/explore/v2.1/catalog/datasets/"
    base += "registre-national-installation-production-stockage-electricite-agrege"
    served = client.get(f'{base}/exports/json?where=codeinseecommune="59172"').json[0]
    assert list(served) == list(real)
    for name, value in served.items():
        if value is not None and real[name] is not None:
            number = isinstance(value, int | float)
            assert number == isinstance(real[name], int | float), name


@pytest.mark.shared
def test_explore_records_and_metadata(client: Client, shared: Path) -> None:
    real = recorded(shared, "api/ods_records_sample.json")
    base = "https://odre.opendatasoft.com/api/explore/v2.1/catalog/datasets/"
    base += "registre-national-installation-production-stockage-electricite-agrege"
    assert list(client.get(f"{base}/records?limit=2").json) == list(real)
    examples = recorded(shared, "api/opendatasoft_explore_v2.1_openapi.json")["components"]["examples"]
    known = examples["dataset-v2.1"]["value"]
    served = client.get(base).json
    assert set(served) == set(known)
    assert set(served["metas"]["default"]) <= set(known["metas"]["default"])
    assert set(served["fields"][0]) == set(known["fields"][0])
    grouped = client.get(f"{base}/records?select=count(*) as n&group_by=filiere").json
    assert list(grouped) == list(examples["group_by_country-v2.1"]["value"])
    listed = examples["attachments"]["value"]
    drees = "https://data.drees.solidarites-sante.gouv.fr/api/explore/v2.1/catalog/datasets/"
    drees += "530_l-accessibilite-potentielle-localisee-apl/attachments"
    attachments = client.get(drees).json
    assert set(attachments) == set(listed)
    assert set(listed["attachments"][0]["metas"]) <= set(attachments["attachments"][0]["metas"])


@pytest.mark.shared
def test_datagouv_dataset(client: Client, shared: Path) -> None:
    real = recorded(shared, "api/datagouv_dataset_sample.json")
    served = client.get("https://www.data.gouv.fr/api/1/datasets/5448d3e0c751df01f85d0572/").json
    assert set(served) - {"description"} == set(real)
    main = next(item for item in served["resources"] if item["type"] == "main")
    assert set(main) == set(real["resources"][0])
    assert set(main["checksum"]) == set(real["resources"][0]["checksum"])


@pytest.mark.shared
def test_file_headers(shared: Path) -> None:
    sample = (shared / "data/land/cerema_conso_com_raw_sample_other_departements.csv").read_text("utf-8-sig")
    assert sample.splitlines()[0].split(",") == cerema_header()
    assert len(cerema_header()) == 172
    schema = recorded(shared, "mobility/irve_statique_schema_v2.3.0.json")
    assert [field["name"] for field in schema["fields"]] == IRVE_HEADER[: len(schema["fields"])]


@pytest.mark.shared
def test_atmo_csv_header(client: Client, shared: Path) -> None:
    sample = (shared / "data/air/atmo_data_v2_indices_atmo_paca_sample.csv").read_text("utf-8-sig")
    got = client.air("format=csv&code_zone=59172&date=2026-11-18")
    assert got.text.splitlines()[0].split(",") == sample.splitlines()[0].split(";")


@pytest.mark.shared
def test_insee_workbooks_have_the_recorded_layout(client: Client, shared: Path) -> None:
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    folder = shared / "data/emploi_chomage"
    pairs = [
        ("1893230/chomage-zone-t1-2003-t3-2023.xlsx", "RAW_chomage-zone-t1-2003-t3-2023.xlsx", "txcho_ze", 5),
        ("2012804/sl_etc_2025T3.xls", "RAW_sl_etc_2025T3.xls", "Département", 3),
    ]
    for path, raw, sheet, codes in pairs:
        got = client.get(f"https://www.insee.fr/fr/statistiques/fichier/{path}")
        ours = CalamineWorkbook.from_filelike(BytesIO(got.body)).get_sheet_by_name(sheet).to_python()
        real = CalamineWorkbook.from_path(folder / raw).get_sheet_by_name(sheet).to_python()
        assert ours[codes] == real[codes]
        by_code = {str(row[0]): row for row in real[codes + 1 :]}
        rows = [row for row in ours[codes + 1 :] if str(row[0]) in by_code and row[1]]
        assert len(rows) >= 5
        for row in rows:
            known = by_code[str(row[0])]
            assert type(row[0]) is type(known[0])
            figures = [i for i, name in enumerate(real[codes]) if str(name)[-1:].isdigit() and i > 1]
            assert [row[i] for i in figures] == [known[i] for i in figures]
