from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.periods import PeriodError, decimal_year, end_of, in_french, sort_key

years = st.integers(1900, 2100)


@given(years, st.integers(1, 4))
def test_a_quarter_ends_in_its_year_and_before_the_next(year: int, quarter: int) -> None:
    end = end_of(f"{year}-T{quarter}")
    assert end.year == year and end.month == 3 * quarter
    assert (end + dt.timedelta(days=1)).day == 1


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_a_day_is_its_own_end_and_orders_like_dates(day: dt.date) -> None:
    assert end_of(day.isoformat()) == day
    later = day + dt.timedelta(days=1)
    assert sort_key(day.isoformat()) < sort_key(later.isoformat())
    assert day.year <= decimal_year(day.isoformat()) < day.year + 1


@given(years)
def test_a_year_meets_the_trajectory_of_the_same_year(year: int) -> None:
    assert decimal_year(str(year)) == year
    assert decimal_year(f"{year - 4}/{year}") == year
    assert decimal_year(f"{year}-T1") == year


@pytest.mark.parametrize("wrong", ["", "21", "2021-T5", "2021-13", "2021-02-30", "2022/2021", "2021 ", "T3-2021"])
def test_other_forms_are_refused(wrong: str) -> None:
    with pytest.raises(PeriodError):
        end_of(wrong)


def test_periods_read_as_a_person_says_them() -> None:
    assert in_french("2021-T1") == "1er trimestre 2021"
    assert in_french("2021-08") == "août 2021"
    assert in_french("2018/2022") == "2018 à 2022"
    assert in_french("2021-06-01") == "1er juin 2021"
    assert in_french("2021") == "2021"
