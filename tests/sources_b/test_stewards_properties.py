"""Stewards' tables, whatever a file holds: read or refused, never changed, in any order of lines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.core.errors import StewardTableError
from flows.sources import stewards
from flows.sources.stewards_trajectories import missing_parts, points_of
from tests.sources_b.stewards_files import NAMES, TRAJECTORIES, WHOLE, decoded, written


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(NAMES))
def test_any_bytes_are_a_table_or_a_refusal(body: bytes, name: str) -> None:
    try:
        decoded(name, body)
    except StewardTableError as error:
        assert error.where and error.todo


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from([c.name for c in stewards.TABLES["trajectoires"].columns]), CELL, max_size=4))
def test_whatever_is_typed_in_a_row_is_kept_or_refused_never_changed(typed: dict[str, str]) -> None:
    body = written("trajectoires", [WHOLE | typed], separator=";")
    try:
        (row,) = decoded("trajectoires", body)
    except StewardTableError as error:
        assert "ligne 2" in error.what
        return
    assert not missing_parts(row) or row["manque"]
    assert row["origine_territoire"] in {"200042190", "596", "3222", "59", "32", "FM", "F", ""}


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1900, 2100), st.decimals(-1000, 1000, places=2)), unique_by=lambda p: p[0], max_size=6
    )
)
def test_points_come_back_as_written(points: list[tuple[int, Any]]) -> None:
    points = sorted(points)
    text = "|".join(f"{year}:{value}" for year, value in points)
    assert points_of(text) == [(float(y), float(v)) for y, v in points]
    if len(points) > 1:
        with pytest.raises(ValueError):
            points_of("|".join(f"{y}:{v}" for y, v in reversed(points)))


@settings(deadline=None)
@given(st.permutations(TRAJECTORIES))
def test_the_order_of_lines_changes_nothing(rows: list[dict[str, str]]) -> None:
    expected = decoded("trajectoires", written("trajectoires", TRAJECTORIES))
    assert len(expected) > 1 and decoded("trajectoires", written("trajectoires", rows)) == expected
