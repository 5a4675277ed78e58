"""Freshness: when the next period of an indicator or dataset is due, and whether it is late on a given night.

Not here: clocks (the night is given) and what is shown (pages, report). Method: next update expected = end of the
last period + months between two periods + publication delay, at the end of that month (trajectory-methods §11).
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.core.periods import PeriodError, end_of, sort_key

# Columns that hold the period of a row, the most telling first; one of them is enough.
PERIOD_COLUMNS = ("annee", "periode", "time_period", "date_ech", "date_etat", "date_maj")


@dataclass(frozen=True)
class Freshness:
    """`expected`: last day on which the next figure is still on time. `late_days`: 0 when on time."""

    last_period: str
    expected: dt.date
    late_days: int

    @property
    def late(self) -> bool:
        return self.late_days > 0


def add_months(day: dt.date, months: int) -> dt.date:
    """Last day of the month that lies `months` after the month of `day`."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def next_expected(last_period: str, periode_mois: int, delai_mois: int) -> dt.date:
    """Day at whose end the next period is due.

    Args:
        last_period: newest period seen, in one of the five forms.
        periode_mois: months between two periods, 1 or more. delai_mois: months until publication, 0 or more.

    Raises:
        PeriodError: a malformed period. ValueError: months out of range.
    """
    if periode_mois < 1 or delai_mois < 0:
        raise ValueError("periode_mois must be at least 1 and delai_mois at least 0")
    return add_months(end_of(last_period), periode_mois + delai_mois)


def freshness(last_period: str, periode_mois: int, delai_mois: int, nuit: dt.date) -> Freshness:
    """Is the next figure late on that night? On the expected day itself it is not."""
    expected = next_expected(last_period, periode_mois, delai_mois)
    return Freshness(last_period, expected, max(0, (nuit - expected).days))


def newest_period(table: pa.Table, nuit: dt.date, partitions: Iterable[str] = ()) -> str:
    """The newest period that decoded rows hold, "" when nothing in them says one.

    Args:
        table: decoded rows of a dataset. nuit: a day after it is a typing error of the publisher, not a period.
        partitions: keys of the editions read; a key that is a period (« 2016 ») counts when no column tells.
    """
    names = [name for name in PERIOD_COLUMNS if name in table.column_names]
    values = pc.unique(table[names[0]]).to_pylist() if names else list(partitions)
    found = {period for value in values if (period := _period(value, nuit))}
    return max(found, key=sort_key, default="")


def _period(value: Any, nuit: dt.date) -> str:
    text = value.isoformat() if isinstance(value, dt.date) else str(value if value is not None else "").strip()
    for candidate in (text, text[:10]):  # an instant starts with its day
        try:
            end = end_of(candidate)
        except PeriodError:
            continue
        return "" if len(candidate) == 10 and end > nuit else candidate
    return ""
