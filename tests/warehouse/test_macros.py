"""Macros that repeat a rule of core or a formula: compared with it on many values, outside dbt."""

from __future__ import annotations

import datetime as dt
import math

import duckdb
import jinja2
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core import periods
from tests.warehouse.kit import PROJECT

_DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
_PERIODS = st.one_of(
    st.integers(1900, 2100).map(str),
    st.integers(1900, 2099).map(lambda y: f"{y}/{y + 4}"),
    st.builds(lambda y, q: f"{y}-T{q}", st.integers(1900, 2100), st.integers(1, 4)),
    _DAYS.map(lambda d: d.isoformat()[:7]),
    _DAYS.map(lambda d: d.isoformat()),
)


def macro(file: str, name: str, *arguments: str) -> str:
    """The SQL that a macro of macros/<file>.sql writes for these arguments."""
    text = (PROJECT / "macros" / f"{file}.sql").read_text(encoding="utf-8")
    return getattr(jinja2.Environment().from_string(text).module, name)(*arguments)


def evaluate(values: pa.Table, *expressions: str) -> list[tuple]:
    with duckdb.connect(":memory:") as connection:
        connection.register("given", values)
        return connection.execute(f"select {', '.join(expressions)} from given").fetchall()


@given(st.lists(_PERIODS, min_size=1, max_size=50))
def test_periods_in_sql_are_those_of_core(values):
    found = evaluate(
        pa.table({"p": pa.array(values, pa.string())}),
        macro("periods", "end_of", "p"),
        macro("periods", "decimal_year", "p"),
        macro("words", "periode_fr", "p"),
    )
    assert found == [(periods.end_of(p), periods.decimal_year(p), periods.in_french(p)) for p in values]


def test_complements_of_time_are_french():
    values = ["2021", "2018/2022", "2021-T1", "2021-08", "2021-06-01"]
    found = evaluate(pa.table({"p": values}), macro("words", "dans_periode", "p"))
    assert [row[0] for row in found] == [
        "En 2021",
        "De 2018 à 2022",
        "Au 1er trimestre 2021",
        "En août 2021",
        "Le 1er juin 2021",
    ]


def test_windows_and_seasons():
    values = pa.table({"p": ["2021", "2018/2022", "2021-T3", "2021-06"]})
    found = evaluate(values, macro("periods", "start_year", "p"), macro("periods", "season", "p"))
    assert found == [(2021.0, ""), (2018.0, ""), (2021.5, "-T3"), (2021 + 5 / 12, "-06")]


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(1234567.891, 2, "1\u202f234\u202f567,89"), (-0.5, 1, "-0,5"), (12.0, 0, "12"), (999.95, 1, "1\u202f000,0")],
)
def test_numbers_are_french(value, decimals, text):
    table = pa.table({"x": [value], "d": [decimals]})
    assert evaluate(table, macro("words", "nombre_fr", "x", "d")) == [(text,)]


@given(st.integers(1, 100_000), st.data())
def test_wilson_bounds(n, data):
    k = data.draw(st.integers(0, n))
    table = pa.table({"k": pa.array([k], pa.int64()), "n": pa.array([n], pa.int64())})
    low, high = evaluate(
        table, macro("arithmetic", "wilson", "k", "n", "-"), macro("arithmetic", "wilson", "k", "n", "+")
    )[0]
    # Both bounds are the roots of (p - k/n)² = z² p (1 - p) / n, the definition of the interval.
    for bound in (low, high):
        p = bound / 100
        assert math.isclose((p - k / n) ** 2, 1.959964**2 * p * (1 - p) / n, rel_tol=1e-6, abs_tol=1e-12)
    assert -1e-9 <= low <= 100 * k / n + 1e-9 <= high + 2e-9 <= 100 + 3e-9


def test_what_is_no_share_has_no_bounds_and_ends_no_build():
    """Two sources that disagree (more described than expected): DuckDB refuses the root of a negative number."""
    table = pa.table({"k": pa.array([5.0, 12.0, 1.0, 0.0, -1.0, 5.0]), "n": pa.array([4.0, 4.0, 0.0, 0.0, 4.0, 5.0])})
    low, high = (macro("arithmetic", "wilson", "k", "n", sign) for sign in "-+")
    found = evaluate(table, low, high)
    assert found[:5] == [(None, None)] * 5 and None not in found[5]


def exact_poisson(k: int, *, upper: bool) -> float:
    """Exact bound at 95 % (Garwood: half a chi-square quantile), found by bisection on the Poisson law itself.

    The lower bound m gives P(X >= k) = 2.5 %, the upper one P(X <= k) = 2.5 %.
    """
    if k == 0 and not upper:
        return 0.0

    def at_most(count: int, mean: float) -> float:
        return math.fsum(math.exp(i * math.log(mean) - mean - math.lgamma(i + 1)) for i in range(count + 1))

    low, high = 1e-9, k + 10.0 * math.sqrt(k + 1) + 10
    for _ in range(80):
        mean = (low + high) / 2
        beyond = at_most(k, mean) > 0.025 if upper else 1 - at_most(k - 1, mean) < 0.025
        low, high = (mean, high) if beyond else (low, mean)
    return low


@pytest.mark.parametrize(
    ("k", "low", "high"),
    [(1, 0.0253, 5.5716), (5, 1.6235, 11.6683), (10, 4.7954, 18.3904), (30, 20.2409, 42.8269)],
)
def test_exact_poisson_bounds_are_those_of_the_tables(k, low, high):
    # Half of the chi-square quantiles at 2.5 % (2k degrees of freedom) and 97.5 % (2k + 2).
    assert exact_poisson(k, upper=False) == pytest.approx(low, abs=1e-4)
    assert exact_poisson(k, upper=True) == pytest.approx(high, abs=1e-4)


def test_poisson_bounds_are_close_to_the_exact_ones():
    counts = [0, *range(1, 41), 50, 75, 100, 250, 600]
    table = pa.table({"k": pa.array(counts, pa.int64())})
    found = evaluate(table, macro("arithmetic", "poisson", "k", "-"), macro("arithmetic", "poisson", "k", "+"))
    for k, (low, high) in zip(counts, found, strict=True):
        assert low == pytest.approx(exact_poisson(k, upper=False), abs=0.03), k
        assert high == pytest.approx(exact_poisson(k, upper=True), abs=0.03), k
        assert 0 <= low <= k <= high
    nothing = pa.table({"k": pa.array([None], pa.int64())})
    assert evaluate(nothing, macro("arithmetic", "poisson", "k", "-"), macro("arithmetic", "poisson", "k", "+")) == [
        (None, None)
    ]


@pytest.mark.parametrize(
    ("text", "value", "statut"),
    [
        ("s", None, "secret"),
        (" S ", None, "secret"),
        ("so", None, "manquant"),
        ("nd", None, "manquant"),
        ("", None, "secret"),
        (None, None, "secret"),
        ("0", 0.0, "definitif"),
        ("18,6", 18.6, "definitif"),
        ("18.6", 18.6, "definitif"),
        ("1 234,5", 1234.5, "definitif"),
        ("1\u00a0234,5", 1234.5, "definitif"),
        ("-1.3e-3", -0.0013, "definitif"),
        ("abc", None, "manquant"),
    ],
)
def test_insee_markers(text, value, statut):
    table = pa.table({"v": pa.array([text], pa.string())})
    found = evaluate(table, macro("decode", "insee_valeur", "v"), macro("decode", "insee_statut", "v", "true"))
    assert found == [(value, statut)]
