"""The census through Melodi: dimensions checked, five-year bands, partitions by sex; and through the portal."""

from __future__ import annotations

import csv
import datetime as dt
import json
from typing import Any

import pytest

from flows.core.datasets import Page
from flows.core.errors import DecodeError, SourceContentError
from flows.portal import Portal
from flows.portal.faults import Kind
from flows.sources import insee_recensement as census
from flows.sources import melodi
from flows.sources.http import HttpClient
from tests.sources.conftest import ROOT, FakeHttp, context

DEMONSTRATION = ROOT / "warehouse/demonstration"
ASKED = (
    "https://api.insee.fr/melodi/data/DS_RP_EMPLOI_LR_PRINC?GEO=EPCI-200042190%2ACOM&RP_MEASURE=POP&SEX=_T"
    "&EMPSTA_ENQ=_T&EMPSTA_ENQ=1&EMPSTA_ENQ=2&AGE=Y15T64&EDUC=_T"
)


def observation(value: Any = 10.0, **dimensions: str) -> dict[str, Any]:
    start = {"GEO": "2026-COM-59172", "TIME_PERIOD": "2023", "RP_MEASURE": "POP", "AGE": "Y15T64", "EDUC": "_T"}
    return {
        "dimensions": {**start, "SEX": "_T", "EMPSTA_ENQ": "_T", **dimensions},
        "attributes": {"CONF_STATUS": "F", "OBS_STATUS": "A"},
        "measures": {"OBS_VALUE_NIVEAU": {"value": value}},
    }


def edition(dataset: str, *observations: dict[str, Any], address: str = ASKED) -> list[Page]:
    def page(name: str, found: list[dict[str, Any]], **paging: int) -> Page:
        body = {"identifier": dataset, "observations": found, "paging": paging}
        return Page(address, json.dumps(body).encode(), name=name)

    return [page("nombre", [], count=len(observations)), page("donnees-1", list(observations))]


def activity(*observations: dict[str, Any]) -> list[dict[str, Any]]:
    return melodi.decode(edition("DS_RP_EMPLOI_LR_PRINC", *observations), query=census.ACTIVITE).to_pylist()


def test_kept_dimensions_are_columns_and_fixed_ones_are_not():
    rows = activity(observation(EMPSTA_ENQ="2"), observation(EMPSTA_ENQ="1"))
    assert [(r["sex"], r["empsta_enq"], r["value"]) for r in rows] == [("_T", "1", 10.0), ("_T", "2", 10.0)]
    assert "age" not in rows[0] and "educ" not in rows[0]


@pytest.mark.parametrize(
    ("dimensions", "words"),
    [
        ({"EDUC": "300_RP"}, "300_RP de EDUC n'a pas été demandée"),
        ({"AGE": "Y15T24"}, "Y15T24 de AGE"),
        ({"EMPSTA_ENQ": "31"}, "31 de EMPSTA_ENQ"),
        ({"SEX": "F"}, "F de SEX n'a pas été demandée"),  # known of the dataset, not asked in this answer
    ],
)
def test_a_code_never_asked_is_refused(dimensions, words):
    with pytest.raises(DecodeError, match=words):
        activity(observation(**dimensions))


def test_a_parameter_that_was_ignored_is_seen():
    item = observation()
    del item["dimensions"]["EDUC"]
    with pytest.raises(DecodeError, match="EDUC"):
        activity(item)


def test_an_unknown_dimension_makes_duplicates():
    with pytest.raises(DecodeError, match="deux fois"):
        activity(observation(NEUVE="a"), observation(NEUVE="b"))


# -- ages ------------------------------------------------------------------------------------------------------------


def ages(values: dict[str, Any], *, total: float | None = None) -> list[dict[str, Any]]:
    address = "https://api.insee.fr/melodi/data/DS_RP_TD_POPULATION_AGESEX_PRINC?GEO=COM-59172&SEX=F"
    items = [observation(value, AGE=age, SEX="F") for age, value in values.items()]
    if total is not None:
        items.append(observation(total, AGE="_T", SEX="F"))
    pages = edition("DS_RP_TD_POPULATION_AGESEX_PRINC", *items, address=address)
    return census.decode_ages(pages).to_pylist()


WHOLE = {**{f"Y{age}": 1.1 for age in range(100)}, "Y_GE100": 0.5}


def test_single_years_become_bands_of_five():
    rows = ages(WHOLE, total=110.5)
    assert [r["age"] for r in rows] == sorted(census.BANDS) and len(rows) == 20
    values = {r["age"]: r["value"] for r in rows}
    assert values["Y0T4"] == 5.5 and values["Y90T94"] == 5.5 and values["Y_GE95"] == 6.0
    assert "_T" not in values


def test_ages_that_do_not_make_their_total_are_refused():
    with pytest.raises(DecodeError, match=r"font 110\.5 pour un total de 120\.0"):
        ages(WHOLE, total=120.0)


def test_a_band_with_a_hole_has_no_figure():
    values = {r["age"]: r["value"] for r in ages({**WHOLE, "Y37": None}, total=110.5)}
    assert values["Y35T39"] is None and values["Y30T34"] == 5.5
    short = {age: value for age, value in WHOLE.items() if age != "Y37"}
    assert {r["age"]: r["value"] for r in ages(short)}["Y35T39"] is None


@pytest.mark.parametrize("age", ["Y15T64", "TOTAL", "Y"])
def test_an_age_of_another_table_is_refused(age):
    with pytest.raises(DecodeError, match=age):
        ages({age: 1.0})


# -- questions -------------------------------------------------------------------------------------------------------


def test_both_sexes_and_each_sex_are_two_questions(territory):
    dataset = census.datasets(territory)[0]
    ctx = context(FakeHttp(lambda url, params: SourceContentError("x")), territory)
    parts = {p.key: p for p in dataset.partitions(ctx)}
    assert list(parts) == [
        *(key for siren in territory.epcis for key in (f"communes-{siren}", f"communes-{siren}-sexe")),
        "references",
    ]
    asked = {}
    for key, partition in parts.items():
        http = FakeHttp(lambda url, params: SourceContentError("arrêt"))
        with pytest.raises(SourceContentError, match="arrêt"):
            list(dataset.fetch(context(http, territory), partition))
        asked[key] = [value for name, value in http.asked[0][1] if name == "SEX"]
    assert asked["communes-200042190"] == ["_T"] and asked["communes-200042190-sexe"] == ["F", "M"]
    assert asked["references"] == ["_T", "F", "M"]


def test_what_is_not_certain_is_said(territory):
    for dataset in census.datasets(territory):
        assert bool(dataset.switched_off) == (dataset.id == "insee/rp_cohabitation")
        assert bool(dataset.reserve) != bool(dataset.switched_off), dataset.id


# -- through the portal ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def portal():
    with Portal(DEMONSTRATION, dt.date(2026, 11, 20)) as running:
        yield running


def landed(portal: Portal, territory, name: str) -> dict[str, tuple[list[dict[str, Any]], bool]]:
    dataset = next(d for d in census.datasets(territory) if d.id == f"insee/{name}")
    with HttpClient(portal=portal.url, user_agent="Observatoire-2044/test", tries=1) as client:
        ctx = context(client, territory)
        out = {}
        for partition in dataset.partitions(ctx):
            pages = list(dataset.fetch(ctx, partition))
            out[partition.key] = (dataset.decode(pages).to_pylist(), any(page.simulated for page in pages))
    return out


@pytest.mark.parametrize("name", ["rp_activite", "rp_ages", "rp_diplomes", "rp_logements", "rp_navettes"])
def test_the_real_tables_come_back_to_the_digit(portal, territory, name):
    with (DEMONSTRATION / f"insee__{name}.csv").open(encoding="utf-8", newline="") as stream:
        expected = {
            tuple(v for k, v in row.items() if k != "value"): float(row["value"]) for row in csv.DictReader(stream)
        }
    found = {}
    for key, (rows, simulated) in landed(portal, territory, name).items():
        assert simulated == key.endswith("-sexe")
        if not simulated:
            found |= {tuple(str(v) for k, v in row.items() if k != "value"): row["value"] for row in rows}
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("name", "per_commune"), [("rp_familles", 12), ("rp_cohabitation", 6)])
def test_simulated_tables_say_so_and_are_whole(portal, territory, name, per_commune):
    parts = landed(portal, territory, name)
    assert all(simulated for _, simulated in parts.values())
    assert len(parts["communes-200042190"][0]) == 47 * per_commune
    assert len(parts["communes-245901160"][0]) == 35 * per_commune


def test_simulated_activity_of_each_sex_adds_up(portal, territory):
    rows, _ = landed(portal, territory, "rp_activite")["communes-200042190-sexe"]
    assert {row["sex"] for row in rows} == {"F", "M"}
    values = {(r["geo_code"], r["time_period"], r["sex"], r["empsta_enq"]): r["value"] for r in rows}
    for (code, year, sex, status), people in values.items():
        if status == "_T":
            assert 0.5 < (values[code, year, sex, "1"] + values[code, year, sex, "2"]) / people < 0.95


def test_a_figure_altered_at_the_publisher_is_seen(portal, territory):
    before = landed(portal, territory, "rp_ages")["communes-200042190"][0]
    portal.faults.add("api.insee.fr", "/melodi/data", Kind.CHANGED, code="59172", factor=2)
    try:
        after = landed(portal, territory, "rp_ages")["communes-200042190"][0]
    finally:
        portal.faults.clear()
    moved = {r["geo_code"] for r, s in zip(before, after, strict=True) if r != s}
    assert moved == {"59172"}
