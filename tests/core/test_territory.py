"""The similar EPCI of the territory file: which are taken, which are refused, and who is asked for them."""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq
import pytest

from flows.core.datasets import GROUPE, Partition, Territory, departments_of, similar_epci
from flows.landing.inputs import write_inputs
from flows.landing.selection import Chosen
from flows.sources.melodi import Query, _geo_of

OWN = "200042190"
ROW = {"code": "200044618", "nom": "CA du Douaisis", "raison": "Bassin minier."}


def place(*comparables: dict[str, Any]) -> Territory:
    references = (("epci", "245901160", "Valenciennes Métropole"), ("departement", "59", "Nord"))
    return Territory(OWN, "X", ("245901160",), "59", "32", "596", "3222", references, similar_epci(comparables, OWN))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([ROW | {"code": 200044618}], "SIREN"),
        ([ROW | {"code": "59172"}], "SIREN"),
        ([ROW | {"raison": " "}], "raison"),
        ([ROW | {"nom": 3}], "nom"),
        ([ROW, ROW], "deux fois"),
        ([ROW | {"code": OWN}], "celle de l'observatoire"),
    ],
)
def test_a_wrong_similar_epci_is_refused_in_french(rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        similar_epci(rows, OWN)


@pytest.mark.parametrize(
    ("codes", "said"), [(["02", 59], "guillemets"), (["59", "59"], "deux fois"), (["62", "80"], "59")]
)
def test_wrong_departements_of_the_region_are_refused_in_french(codes: list[Any], said: str) -> None:
    assert departments_of(["62", "59"], "59") == ("62", "59")
    with pytest.raises(ValueError, match=said):
        departments_of(codes, "59")


def test_a_row_without_reason_names_the_key() -> None:
    with pytest.raises(KeyError, match="raison"):
        similar_epci([{"code": "200044618", "nom": "x"}], OWN)


def test_every_epci_compared_is_listed_once() -> None:
    asked = place(ROW, ROW | {"code": "245901160"}).epcis_compares
    assert asked == (OWN, "245901160", "200044618")


def test_melodi_is_asked_for_the_similar_epci() -> None:
    query = Query("DS_X", "RP_MEASURE", ("POP",), levels=("epci", "departement"))
    assert _geo_of(query, Partition("references"), place(ROW)) == [
        "EPCI-200042190",
        "EPCI-245901160",
        "EPCI-200044618",
        "DEP-59",
    ]


@pytest.mark.parametrize("similar", [(), (ROW,)])
def test_the_group_is_a_territory_only_when_it_has_members(tmp_path, similar: tuple[dict[str, Any], ...]) -> None:
    write_inputs(tmp_path, Chosen([]), place(*similar), {})
    rows = pq.read_table(tmp_path / "territories.parquet").to_pylist()
    assert [(r["code"], r["nom"]) for r in rows if r["niveau"] == "groupe"] == ([GROUPE] if similar else [])
    assert [r["ordre"] for r in rows] == list(range(len(rows)))
