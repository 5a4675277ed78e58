"""National series through Melodi: what is asked, what is landed, what is refused; the portal over real HTTP."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from flows.core.datasets import FetchContext, Page
from flows.core.errors import DecodeError, SourceContentError
from flows.portal import Kind, Portal
from flows.sources.http import HttpClient
from flows.sources.insee_series import ACTIVITY, STANDARD_OF_LIVING, datasets
from flows.sources.melodi import decode

ROOT = Path(__file__).resolve().parents[2]
HOST = "https://api.insee.fr/melodi/data"


@pytest.fixture(scope="module")
def portal():
    with Portal(ROOT / "warehouse/demonstration", dt.date(2026, 11, 20)) as running:
        yield running


def landed(portal, territory, name):
    dataset = next(d for d in datasets(territory) if d.id == name)
    with HttpClient(portal=portal.url, user_agent="essai", tries=1) as http:
        ctx = FetchContext(http=http, territory=territory, nuit=dt.date(2026, 11, 20))
        (partition,) = dataset.partitions(ctx)
        pages = list(dataset.fetch(ctx, partition))
        return dataset, pages, dataset.decode(pages), dataset.probe(ctx, partition)


def test_standard_of_living_over_the_portal(portal, territory):
    dataset, pages, table, token = landed(portal, territory, "insee/niveau_vie_national")
    assert table.schema == dataset.schema
    rows = {(r["time_period"], r["measure"]): r for r in table.to_pylist()}
    assert rows[("2019", "MED_SL")]["value"] == 23690.0
    assert {(r["geo_niveau"], r["geo_code"], r["geo_millesime"]) for r in rows.values()} == {("FRANCE", "FM", None)}
    assert token.startswith("2025-04-17")
    assert all("GEO=" not in page.address for page in pages)
    assert not any("X-Observatoire-Simule" in page.address or page.simulated for page in pages)


def test_activity_over_the_portal_asks_for_totals(portal, territory):
    dataset, pages, table, _ = landed(portal, territory, "insee/activite_nationale")
    assert table.schema == dataset.schema
    rows = {(r["time_period"], r["sex"], r["age"]): r["value"] for r in table.to_pylist()}
    assert rows[("2022", "F", "Y15T64")] == 70.7
    assert "EDUC=_T" in pages[-1].address and "SEX=" not in pages[-1].address and "AGE=" not in pages[-1].address


def test_a_fault_of_the_publisher_is_an_error_with_its_place(portal, territory):
    portal.faults.add("api.insee.fr", "/melodi/data/DD_EEC_SERIES", Kind.WRONG_SCHEMA)
    try:
        with pytest.raises(DecodeError) as caught:
            landed(portal, territory, "insee/activite_nationale")
    finally:
        portal.faults.clear()
    assert "DD_EEC_SERIES" in caught.value.where and caught.value.what


def observation(**changes):
    dimensions = {"TIME_PERIOD": "2022", "EEC_MEASURE": "ACTRATE", "SEX": "F", "AGE": "Y15T64"} | dict(ACTIVITY.fixed)
    return {"dimensions": dimensions | changes, "measures": {"OBS_VALUE_NIVEAU": {"value": 70.7}}}


def pages(*observations, query=ACTIVITY, announced=None):
    def page(name, rows, **paging):
        body = {"identifier": query.dataset, "observations": rows, "paging": paging}
        return Page(f"{HOST}/{query.dataset}?EEC_MEASURE=ACTRATE", json.dumps(body).encode(), name=name)

    count = len(observations) if announced is None else announced
    return [page("nombre", [], count=count), page("donnees-1", list(observations))]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (pages(observation(EDUC="3")), "EDUC"),
        (pages(observation(), observation()), "deux fois"),
        (pages(observation(EEC_MEASURE="EMPRATE")), "EMPRATE"),
        (pages(observation(), announced=2), "annoncées"),
        (pages(observation(), query=STANDARD_OF_LIVING), "DS_ERFS_CHAMP_CONST_SL"),
    ],
)
def test_refused(given, said):
    with pytest.raises(DecodeError) as caught:
        decode(given, query=ACTIVITY)
    assert said in caught.value.what and caught.value.where


def test_a_missing_dimension_is_named():
    row = observation()
    del row["dimensions"]["SEX"]
    with pytest.raises(DecodeError) as caught:
        decode(pages(row), query=ACTIVITY)
    assert "SEX" in caught.value.what


def test_an_empty_answer_is_refused(portal, territory):
    class Empty:
        def get(self, url, **_):
            body = {"identifier": "DD_EEC_SERIES", "observations": [], "paging": {"count": 0}}
            return Page(url, json.dumps(body).encode(), name="nombre")

    dataset = datasets(territory)[1]
    ctx = FetchContext(http=Empty(), territory=territory, nuit=dt.date(2026, 11, 20))
    with pytest.raises(SourceContentError):
        list(dataset.fetch(ctx, next(iter(dataset.partitions(ctx)))))
