"""When the next period is due."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.quality.freshness import add_months, freshness, next_expected


@pytest.mark.parametrize(
    ("period", "every", "delay", "expected"),
    [
        ("2021", 12, 30, dt.date(2025, 6, 30)),
        ("2023-T3", 3, 6, dt.date(2024, 6, 30)),
        ("2026-11", 1, 0, dt.date(2026, 12, 31)),
        ("2018/2022", 12, 18, dt.date(2025, 6, 30)),
        ("2026-11-19", 1, 0, dt.date(2026, 12, 31)),
        ("2023-08", 6, 0, dt.date(2024, 2, 29)),
    ],
)
def test_next_expected(period, every, delay, expected):
    assert next_expected(period, every, delay) == expected


def test_late_only_after_the_expected_day():
    assert not freshness("2021", 12, 30, dt.date(2025, 6, 30)).late
    told = freshness("2021", 12, 30, dt.date(2025, 7, 2))
    assert told.late and told.late_days == 2


@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), st.integers(0, 600))
def test_always_the_end_of_a_month_and_never_before(day, months):
    end = add_months(day, months)
    assert (end + dt.timedelta(days=1)).day == 1
    assert end >= day
    assert (end.year - day.year) * 12 + end.month - day.month == months


@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), st.integers(0, 300), st.integers(0, 300))
def test_months_add_up(day, one, two):
    assert add_months(add_months(day, one), two) == add_months(day, one + two)


@pytest.mark.parametrize(("every", "delay"), [(0, 1), (1, -1)])
def test_impossible_rhythms(every, delay):
    with pytest.raises(ValueError, match="at least"):
        next_expected("2021", every, delay)
