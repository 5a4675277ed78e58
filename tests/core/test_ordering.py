"""Rows that are in order are left alone, all others are not: the sort of pyarrow is the judge."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from flows.core.ordering import in_order

ROW = st.tuples(st.sampled_from(["a", "b", "é", "Z", None]), st.integers(0, 3), st.sampled_from(["", "x", "y", "z"]))
SCHEMA = pa.schema([("un", pa.string()), ("deux", pa.int64()), ("trois", pa.string())])


def _table(rows):
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)


@given(st.lists(ROW, max_size=12), st.booleans())
def test_in_order_is_what_sorting_would_not_change(rows, tidy):
    if tidy:
        rows = sorted({row for row in rows if row[0] is not None}, key=lambda r: (r[0].encode(), *r[1:]))
    table = _table(rows)
    keys = [(name, "ascending") for name in SCHEMA.names]
    if in_order(table):
        assert table.sort_by(keys).equals(table)
        assert len(set(rows)) == len(rows)
    else:
        assert not tidy


def test_what_cannot_be_told_is_not_in_order():
    assert not in_order(pa.table({"x": [1.0, 2.0]}))
    assert not in_order(pa.table({"x": [["a"], ["b"]]}))
    assert not in_order(pa.table({"x": ["a", "a"]}))
    assert in_order(pa.table({"x": pa.chunked_array([["a"], ["a", "b"]]), "y": pa.chunked_array([[1, 2], [0]])}))
