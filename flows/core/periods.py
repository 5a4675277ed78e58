"""Periods of observations: `2021`, `2018/2022`, `2021-T3`, `2021-06`, `2021-06-15`.

Not here: calendars, time zones and clocks (see `flows.settings`). A period is text everywhere; this module gives
its year, its end and its place in an order, so that every room agrees on them.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re

from flows.core.errors import ObservatoireError

_YEAR = re.compile(r"^(\d{4})$")
_RANGE = re.compile(r"^(\d{4})/(\d{4})$")
_QUARTER = re.compile(r"^(\d{4})-T([1-4])$")
_MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")
_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")


class PeriodError(ObservatoireError):
    """A period is not written in one of the five forms."""


def end_of(period: str) -> dt.date:
    """Last day of a period (Europe/Paris calendar, no time of day).

    Raises:
        PeriodError: when `period` is not one of the five forms.
    """
    if m := _YEAR.match(period):
        return dt.date(int(m[1]), 12, 31)
    if m := _RANGE.match(period):
        if m[2] < m[1]:
            raise PeriodError(f"La période « {period} » finit avant de commencer.")
        return dt.date(int(m[2]), 12, 31)
    if m := _QUARTER.match(period):
        month = 3 * int(m[2])
        return dt.date(int(m[1]), month, calendar.monthrange(int(m[1]), month)[1])
    if m := _MONTH.match(period):
        return dt.date(int(m[1]), int(m[2]), calendar.monthrange(int(m[1]), int(m[2]))[1])
    if m := _DAY.match(period):
        try:
            return dt.date(int(m[1]), int(m[2]), int(m[3]))
        except ValueError as error:
            raise PeriodError(f"La période « {period} » n'est pas une date du calendrier.") from error
    raise PeriodError(
        f"La période « {period} » n'est pas reconnue.",
        todo="écrire 2021, 2018/2022, 2021-T3, 2021-06 ou 2021-06-15.",
    )


def decimal_year(period: str) -> float:
    """Position of a period on a yearly axis: the year itself, plus the quarter or month elapsed at its start.

    A whole year (or the last year of a range) is an integer, so that trajectories given in years meet the
    observations of the same year exactly; 2021-T3 is 2021.5, 2021-07 is 2021.5.
    """
    end = end_of(period)
    if _YEAR.match(period) or _RANGE.match(period):
        return float(end.year)
    if m := _QUARTER.match(period):
        return end.year + (int(m[2]) - 1) / 4
    if _MONTH.match(period):
        return end.year + (end.month - 1) / 12
    days = 366 if calendar.isleap(end.year) else 365
    return end.year + (end.timetuple().tm_yday - 1) / days


def sort_key(period: str) -> tuple[dt.date, str]:
    """A total order of periods: by their end, then by their text."""
    return end_of(period), period


def in_french(period: str) -> str:
    """A period as a reader says it: « 3e trimestre 2021 », « juin 2021 », « 2018 à 2022 »."""
    end = end_of(period)
    months = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ]
    if m := _RANGE.match(period):
        return f"{m[1]} à {m[2]}"
    if m := _QUARTER.match(period):
        return f"{m[2]}{'er' if m[2] == '1' else 'e'} trimestre {m[1]}"
    if _MONTH.match(period):
        return f"{months[end.month - 1]} {end.year}"
    if _DAY.match(period):
        return f"{'1er' if end.day == 1 else end.day} {months[end.month - 1]} {end.year}"
    return period
