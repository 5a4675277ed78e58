"""The carrying-over's own rules: exact arithmetic, canonical rings, refusals. No reference file is needed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon

from tests.demonstration.carry.geography import encode, ring
from tests.demonstration.carry.reading import CarryError, in_order, indexed, plain, times

SQUARE = [(3.0, 50.0), (3.1, 50.0), (3.1, 50.1), (3.0, 50.1), (3.0, 50.0)]


@given(st.decimals(0, 10**9, places=2, allow_nan=False), st.sampled_from([100, 1000, 10_000]))
def test_times_is_exact_and_plain(value: Decimal, factor: int):
    text = times(str(value), factor)
    assert Decimal(text) == value * factor
    assert "E" not in text and not text.endswith(".")


def test_times_keeps_an_absent_figure_absent():
    assert times("", 1000) == ""
    assert times("0.83", 10_000) == "8300"
    assert plain(Decimal("12.50")) == "12.5"
    assert plain(Decimal("1E+3")) == "1000"


@given(st.integers(0, 3), st.booleans(), st.booleans())
def test_a_ring_has_one_text_whatever_its_start_and_direction(start: int, reverse: bool, clockwise: bool):
    points = SQUARE[:-1]
    points = points[start:] + points[:start]
    if reverse:
        points = points[::-1]
    result = ring([*points, points[0]], clockwise)
    assert result == ring(SQUARE, clockwise)
    assert result[0] == result[-1] == (3.0, 50.0)
    assert Polygon(result).exterior.is_ccw != clockwise


def test_a_ring_loses_repeats_and_spikes_of_the_rounding():
    spike = [(3.0, 50.0), (3.1, 50.0), (3.2, 50.0), (3.10001, 50.00002), (3.1, 50.1), (3.0, 50.1), (3.0, 50.0)]
    assert ring(spike, False) == ring(SQUARE, False)


def test_a_ring_that_vanishes_is_refused():
    with pytest.raises(CarryError, match="vanishes"):
        ring([(3.0, 50.0), (3.00001, 50.0), (3.0, 50.00001), (3.0, 50.0)], False)


def test_only_polygons_are_encoded():
    assert encode({"type": "MultiPolygon", "coordinates": [[SQUARE]]}).startswith('{"type":"MultiPolygon"')
    with pytest.raises(CarryError, match="LineString"):
        encode({"type": "LineString", "coordinates": SQUARE})


def test_a_table_is_sorted_and_refuses_a_key_twice_and_other_columns():
    row = {"annee": "2021", "niveau": "COM", "codgeo": "59002", "mesure": "MED", "valeur_brute": "s"}
    rows = [dict(r) for r in in_order_fixture(row)]
    assert [r["niveau"] + r["codgeo"] for r in in_order("insee__filosofi_fichiers", rows)] == [
        "COM59002",
        "COM59014",
        "DEP59",
    ]
    with pytest.raises(CarryError, match="twice"):
        in_order("insee__filosofi_fichiers", [*rows, rows[0]])
    with pytest.raises(CarryError, match="columns"):
        in_order("insee__filosofi_fichiers", [row | {"autre": ""}])


def in_order_fixture(row):
    columns = ("niveau", "codgeo", "annee", "mesure", "valeur_brute")
    for niveau, code in (("DEP", "59"), ("COM", "59014"), ("COM", "59002")):
        changed = row | {"niveau": niveau, "codgeo": code}
        yield {column: changed[column] for column in columns}


def test_an_index_refuses_a_value_twice():
    assert indexed([{"a": "1"}, {"a": "2"}], "a")["2"] == {"a": "2"}
    with pytest.raises(CarryError, match="twice"):
        indexed([{"a": "1"}, {"a": "1"}], "a")
