from __future__ import annotations

import datetime as dt
import random

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from flows.core.datasets import digest
from flows.core.digests import table_digest

SCHEMA = pa.schema([("code", pa.string()), ("valeur", pa.float64()), ("jeux", pa.list_(pa.string()))])
rows = st.lists(
    st.fixed_dictionaries(
        {
            "code": st.one_of(st.none(), st.text(max_size=6)),
            "valeur": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
            "jeux": st.one_of(st.none(), st.lists(st.text(max_size=3), max_size=3)),
        }
    ),
    max_size=12,
)


@given(rows, st.integers(0, 99))
def test_order_and_chunks_do_not_change_a_digest(values: list[dict], seed: int) -> None:
    shuffled = values.copy()
    random.Random(seed).shuffle(shuffled)
    table = pa.Table.from_pylist(values, schema=SCHEMA)
    cut = len(shuffled) // 2
    chunked = pa.concat_tables(
        [pa.Table.from_pylist(part, schema=SCHEMA) for part in (shuffled[:cut], shuffled[cut:])]
    )
    assert table_digest(table) == table_digest(chunked)


@given(rows.filter(bool), st.floats(allow_nan=False, allow_infinity=False))
def test_a_changed_figure_changes_the_digest(values: list[dict], other: float) -> None:
    changed = [dict(value) for value in values]
    changed[0]["valeur"] = other
    same = pa.Table.from_pylist(values, schema=SCHEMA), pa.Table.from_pylist(changed, schema=SCHEMA)
    assert (table_digest(same[0]) == table_digest(same[1])) == (values[0]["valeur"] == other)


def test_secret_is_not_zero_nor_empty_text() -> None:
    schema = pa.schema([("v", pa.string())])
    tables = [pa.Table.from_pylist([{"v": v}], schema=schema) for v in (None, "", "0")]
    assert len({table_digest(t) for t in tables}) == 3


def test_volatile_columns_are_left_out() -> None:
    a = pa.table({"v": [1.0], "maj": ["09:00"]})
    b = pa.table({"v": [1.0], "maj": ["10:00"]})
    assert table_digest(a) != table_digest(b)
    assert table_digest(a, without=["maj"]) == table_digest(b, without=["maj"])


def test_a_digest_of_values_ignores_the_order_of_keys_only() -> None:
    assert digest({"a": 1, "b": dt.date(2026, 1, 1)}) == digest({"b": dt.date(2026, 1, 1), "a": 1})
    assert digest([1, 2]) != digest([2, 1])


def test_minus_zero_is_zero() -> None:
    schema = pa.schema([("valeur", pa.float64())])
    digests = {table_digest(pa.Table.from_pylist([{"valeur": v}], schema=schema)) for v in (0.0, -0.0)}
    assert len(digests) == 1
