"""Melodi: the official client's protocol, the recorded answers, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.datasets import Page
from flows.core.errors import DecodeError, SourceContentError, SourceUnavailable, SourceWithdrawn
from flows.sources import insee_melodi, melodi
from tests.sources.conftest import FakeHttp, context

DATA = "https://api.insee.fr/melodi/data/DS_FILOSOFI_CC"
ASKED = DATA + "?GEO=EPCI-200042190%2ACOM&FILOSOFI_MEASURE=MED_SL&FILOSOFI_MEASURE=PR_MD60"


def observation(geo: str = "2025-COM-59172", measure: str = "MED_SL", value: Any = 20000.0, **more: Any) -> dict:
    return {
        "dimensions": {"GEO": geo, "TIME_PERIOD": "2021", "FILOSOFI_MEASURE": measure, "UNIT_MEASURE": "EUR_YR"},
        "attributes": {"CONF_STATUS": "F", "OBS_STATUS": "A", "UNIT_MULT": "0"},
        "measures": {"OBS_VALUE_NIVEAU": {"value": value}},
        **more,
    }


def answer(observations: list[dict], count: int | None = None, following: str = "", name: str = "") -> Page:
    paging: dict[str, Any] = {"first": f"{ASKED}&page=1"}
    if count is not None:
        paging["count"] = count
    if following:
        paging["next"] = following
    body = {"identifier": "DS_FILOSOFI_CC", "observations": observations, "paging": paging}
    return Page(ASKED, json.dumps(body).encode(), name=name)


def edition(*observations: dict, count: int | None = None) -> list[Page]:
    return [
        answer([], len(observations) if count is None else count, name="nombre"),
        answer(list(observations), name="donnees-1"),
    ]


def decoded(*observations: dict, count: int | None = None) -> list[dict]:
    return melodi.decode(edition(*observations, count=count), query=insee_melodi.FILOSOFI).to_pylist()


@given(
    st.integers(1900, 2100),
    st.from_regex(r"[A-Z][A-Z0-9]{1,7}", fullmatch=True),
    st.from_regex(r"[0-9A-Za-z][0-9A-Za-z-]{0,11}", fullmatch=True),
)
def test_geo_is_vintage_level_code(vintage, level, code):
    assert melodi.parse_geo(f"{vintage}-{level}-{code}") == (vintage, level, code)


@given(st.text(max_size=20))
def test_any_other_geo_is_refused_or_whole(text):
    try:
        vintage, level, code = melodi.parse_geo(text)
    except ValueError:
        return
    assert f"{vintage:04d}-{level}-{code}" == text


def test_observations_are_typed_and_ordered():
    rows = decoded(observation("2025-COM-59192", "PR_MD60", 21.0), observation("2025-COM-59192"), observation())
    assert [(r["geo_code"], r["measure"], r["value"]) for r in rows] == [
        ("59172", "MED_SL", 20000.0),
        ("59192", "MED_SL", 20000.0),
        ("59192", "PR_MD60", 21.0),
    ]
    assert rows[0]["geo_millesime"] == 2025 and rows[0]["geo_niveau"] == "COM"
    assert (rows[0]["conf_status"], rows[0]["obs_status"]) == ("F", "A")


@pytest.mark.parametrize("measures", [{}, {"OBS_VALUE_NIVEAU": {}}, {"OBS_VALUE_NIVEAU": {"value": None}}, None])
def test_secret_is_null_never_zero(measures):
    hidden = observation(measures=measures, attributes={"CONF_STATUS": "C"})
    row = decoded(hidden)[0]
    assert row["value"] is None and row["conf_status"] == "C"


def test_attributes_may_sit_among_dimensions():
    item = observation()
    item["dimensions"] |= {"CONF_STATUS": "C", "OBS_STATUS": "M"}
    del item["attributes"]
    assert (decoded(item)[0]["conf_status"], decoded(item)[0]["obs_status"]) == ("C", "M")


@pytest.mark.parametrize(
    ("observations", "count", "words"),
    [
        ([observation()], 2, "1 observations pour 2"),
        ([observation(), observation()], None, "deux fois"),
        ([observation(measure="D1_SL")], None, "D1_SL n'a pas été demandée"),
        ([observation("2025-DEP-59")], None, "niveaux jamais demandés.*DEP"),
        ([observation("COM-59172")], None, "millésime-niveau-code"),
        ([observation(value="20000")], None, "pas un nombre"),
        ([observation(attributes={"UNIT_MULT": "3"})], None, "multiplicateur 3"),
        ([{"measures": {}}], None, "dimensions"),
        ([observation(measures={"A": {"value": 1.0}, "B": {"value": 2.0}})], None, "plusieurs mesures"),
    ],
)
def test_what_is_refused(observations, count, words):
    with pytest.raises(DecodeError, match=words):
        decoded(*observations, count=count)


def test_a_missing_dimension_is_named():
    item = observation()
    del item["dimensions"]["TIME_PERIOD"]
    with pytest.raises(DecodeError, match="TIME_PERIOD"):
        decoded(item)


def fetch(http: FakeHttp, territory, key: str = "communes-200042190") -> list[Page]:
    ctx = context(http, territory)
    dataset = insee_melodi.datasets(territory)[0]
    partition = next(p for p in dataset.partitions(ctx) if p.key == key)
    return list(dataset.fetch(ctx, partition))


def test_the_count_comes_first_and_next_is_followed_to_the_end(territory):
    second = f"{DATA}?page=2"

    def serve(url, params):
        if ("maxResult", "0") in params:
            return answer([], 3)
        return answer(
            [observation("2025-COM-59192")] if url == second else [observation()] * 2,
            following="" if url == second else second,
        )

    http = FakeHttp(serve)
    names = [page.name for page in fetch(http, territory)]
    assert names == ["nombre", "donnees-1", "donnees-2"]
    first, data, following = http.asked
    assert first[1] == [
        ("GEO", "EPCI-200042190*COM"),
        ("FILOSOFI_MEASURE", "MED_SL"),
        ("FILOSOFI_MEASURE", "PR_MD60"),
        ("totalCount", "TRUE"),
        ("maxResult", "0"),
    ]
    assert data[1][-2:] == [("idTerritoire", "TRUE"), ("maxResult", "100000")]
    assert following == (second, [])


def test_fewer_observations_than_announced_is_a_failure(territory):
    http = FakeHttp(lambda url, params: answer([], 5) if ("maxResult", "0") in params else answer([observation()]))
    with pytest.raises(SourceContentError, match="annonce 5 observations et en rend 1"):
        fetch(http, territory)


def test_pages_that_turn_in_circles_end(territory):
    http = FakeHttp(
        lambda url, params: answer([], 5) if ("maxResult", "0") in params else answer([observation()], following=DATA)
    )
    with pytest.raises(SourceContentError, match="déjà passée"):
        fetch(http, territory)


def test_no_commune_is_a_failure_but_no_reference_is_not(territory):
    http = FakeHttp(lambda url, params: answer([], 0 if ("maxResult", "0") in params else None))
    with pytest.raises(SourceContentError, match="aucune observation"):
        fetch(http, territory)
    pages = fetch(http, territory, "references")
    assert melodi.decode(pages, query=insee_melodi.FILOSOFI).num_rows == 0


def test_references_are_asked_at_the_levels_the_dataset_has(territory):
    for dataset, expected in zip(
        insee_melodi.datasets(territory), (insee_melodi.FILOSOFI, insee_melodi.POPULATIONS), strict=True
    ):
        http = FakeHttp(lambda url, params: answer([], 0))
        partition = next(p for p in dataset.partitions(context(http, territory)) if p.key == "references")
        list(dataset.fetch(context(http, territory), partition))
        asked = [value for name, value in http.asked[0][1] if name == "GEO"]
        assert f"DEP-{territory.departement}" in asked and f"REG-{territory.region}" in asked
        assert ("FRANCE-FM" in asked) == (expected is insee_melodi.FILOSOFI)
        assert any(value.startswith("EPCI-") for value in asked) == (expected is insee_melodi.FILOSOFI)


def server_error() -> SourceUnavailable:
    error = SourceUnavailable("500", where=DATA)
    error.status = 500
    return error


def test_a_500_on_a_dataset_that_left_the_catalogue_is_a_withdrawal(territory):
    def serve(url, params):
        if url.endswith("/catalog/all"):
            return Page(url, json.dumps([{"identifier": "DS_AUTRE"}]).encode())
        return server_error()

    http = FakeHttp(serve)
    with pytest.raises(SourceWithdrawn, match="n'est plus au catalogue"):
        fetch(http, territory)


def test_a_500_on_a_known_dataset_is_asked_again(territory):
    calls = []

    def serve(url, params):
        if url.endswith("/catalog/all"):
            return Page(url, json.dumps([{"identifier": "DS_FILOSOFI_CC"}]).encode())
        calls.append(url)
        if len(calls) == 1:
            return server_error()
        return answer([], 1) if ("maxResult", "0") in params else answer([observation()])

    assert [p.name for p in fetch(FakeHttp(serve), territory)] == ["nombre", "donnees-1"]


def test_when_the_catalogue_is_down_too_the_first_question_is_named(territory):
    http = FakeHttp(lambda url, params: server_error())
    with pytest.raises(SourceUnavailable) as caught:
        fetch(http, territory)
    assert caught.value.where == DATA and len(http.asked) == 2


def test_another_outage_does_not_ask_the_catalogue(territory):
    http = FakeHttp(lambda url, params: SourceUnavailable("délai"))
    with pytest.raises(SourceUnavailable):
        fetch(http, territory)
    assert len(http.asked) == 1


# -- the recorded bytes ----------------------------------------------------------------------------------------------


def recorded(shared: Path, file: str, name: str) -> Page:
    folder = shared / "data/raw_api/melodi"
    uri = next(i["uri"] for i in json.loads((folder / "INDEX.json").read_text("utf-8")) if i["file"] == file)
    return Page(uri, (folder / file).read_bytes(), name=name)


@pytest.mark.parametrize(
    ("stem", "rows"),
    [("get_data_popref_nantes", 3), ("get_local_data_popref", 3), ("get_local_data_filter_by_com_popref", 24)],
)
def test_recorded_populations(shared, stem, rows):
    pages = [recorded(shared, f"{stem}.0.json", "nombre"), recorded(shared, f"{stem}.1.json", "donnees-1")]
    table = melodi.decode(pages, query=insee_melodi.POPULATIONS)
    assert table.num_rows == rows and table.schema.equals(melodi.OBSERVATIONS)
    assert set(table["geo_millesime"].to_pylist()) == {2025}


def test_recorded_figures_of_nantes(shared):
    stem = "get_data_popref_nantes"
    pages = [recorded(shared, f"{stem}.0.json", "nombre"), recorded(shared, f"{stem}.1.json", "donnees-1")]
    rows = melodi.decode(pages, query=insee_melodi.POPULATIONS).to_pylist()
    assert {r["measure"]: r["value"] for r in rows} == {"PMUN": 327734.0, "PTOT": 332515.0, "PCAP": 4781.0}


def test_recorded_answer_of_another_measure_key(shared):
    query = melodi.Query("DS_IPC_PRINC", "PRODUCT_GROUP", ("4000",), ())
    stem = "get_data_obs_value_indice_prix"
    pages = [recorded(shared, f"{stem}.0.json", "nombre"), recorded(shared, f"{stem}.1.json", "donnees-1")]
    row = melodi.decode(pages, query=query).to_pylist()[0]
    assert (row["value"], row["conf_status"], row["geo_niveau"]) == (99.14, "F", "DEP")


def test_recorded_empty_answer_and_mixed_editions(shared):
    empty = recorded(shared, "get_data_popref_empty.0.json", "nombre")
    assert melodi.decode([empty], query=insee_melodi.POPULATIONS).num_rows == 0
    with pytest.raises(DecodeError):
        melodi.decode([recorded(shared, "get_data_popref_nantes.0.json", "nombre")], query=insee_melodi.POPULATIONS)


def test_the_recorded_catalogue_knows_our_datasets_and_their_date(shared, territory):
    catalogue = recorded(shared, "get_catalog_fr.0.json", "catalogue")
    records = {r["identifier"]: r for r in json.loads(catalogue.body)}
    for dataset, query in zip(
        insee_melodi.datasets(territory), (insee_melodi.FILOSOFI, insee_melodi.POPULATIONS), strict=True
    ):
        http = FakeHttp(lambda url, params, q=query: Page(url, json.dumps(records[q.dataset]).encode()))
        ctx = context(http, territory)
        assert dataset.probe is not None
        token = dataset.probe(ctx, next(iter(dataset.partitions(ctx))))
        assert token.startswith(records[query.dataset]["modified"])
