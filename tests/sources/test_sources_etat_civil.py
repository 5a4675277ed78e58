"""Civil registration: declarations, statuses without figure, errors; and through the real client and the portal."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pytest

from flows.core.datasets import FetchContext, Page
from flows.core.errors import DecodeError
from flows.portal.server import Portal
from flows.sources import insee_etat_civil
from flows.sources.http import HttpClient
from tests.sources_b.conftest import make_territory

FIGURES = Path(__file__).resolve().parents[2] / "warehouse/demonstration"
DATASETS = {d.id: d for d in insee_etat_civil.datasets(make_territory())}
ADDRESS = "https://api.insee.fr/melodi/data/DS_ETAT_CIVIL_DECES_COMMUNES"


def observation(code="59002", year="2024", status="A", value=42.0, measure="DTH"):
    return {
        "dimensions": {"GEO": f"2025-COM-{code}", "FREQ": "A", "TIME_PERIOD": year, "EC_MEASURE": measure},
        "attributes": {"OBS_STATUS": status},
        "measures": {"OBS_VALUE_NIVEAU": {} if value is None else {"value": value}},
    }


def decoded(*observations):
    asked = f"{ADDRESS}?GEO=EPCI-200042190*COM"
    name = "DS_ETAT_CIVIL_DECES_COMMUNES"
    count = {"identifier": name, "observations": [], "paging": {"count": len(observations)}}
    data = {"identifier": name, "observations": list(observations), "paging": {}}
    pages = [
        Page(address=asked, body=json.dumps(count).encode(), name="nombre"),
        Page(address=asked, body=json.dumps(data).encode(), name="donnees-1"),
    ]
    return DATASETS["insee/deces"].decode(pages).to_pylist()


def test_both_datasets_say_what_is_to_be_confirmed():
    assert sorted(DATASETS) == ["insee/deces", "insee/naissances"]
    assert all(d.reserve and not d.switched_off for d in DATASETS.values())


def test_events_held_by_another_commune_are_not_zero():
    rows = decoded(observation(status="K", value=None), observation(year="2023", value=0.0))
    assert [(r["time_period"], r["value"], r["obs_status"]) for r in rows] == [
        ("2023", 0.0, "A"),
        ("2024", None, "K"),
    ]


@pytest.mark.parametrize(
    ("observations", "said"),
    [
        ([observation(measure="LVB")], "LVB"),
        ([observation(), observation()], "deux fois"),
        ([observation(value="42")], "pas un nombre"),
        ([{"measures": {}}], "dimensions"),
    ],
)
def test_another_measure_a_double_and_a_text_are_refused_with_their_address(observations, said):
    with pytest.raises(DecodeError, match=said) as error:
        decoded(*observations)
    assert error.value.where.startswith(ADDRESS) and error.value.todo


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_the_portal_gives_back_the_table(name):
    dataset = DATASETS[name]
    with (FIGURES / f"{dataset.table_name}.csv").open(encoding="utf-8", newline="") as file:
        told = {(r["geo_niveau"], r["geo_code"], r["time_period"]): float(r["value"]) for r in csv.DictReader(file)}
    found = {}
    with (
        Portal(FIGURES, dt.date(2026, 11, 20)) as portal,
        HttpClient(portal=portal.url, user_agent="tests", tries=1, deadline_s=5) as http,
    ):
        ctx = FetchContext(http=http, territory=make_territory(), nuit=dt.date(2026, 11, 20))
        for partition in dataset.partitions(ctx):
            rows = dataset.decode(list(dataset.fetch(ctx, partition))).to_pylist()
            found |= {(r["geo_niveau"], r["geo_code"], r["time_period"]): r["value"] for r in rows}
            assert dataset.probe(ctx, partition)
    assert found == told
