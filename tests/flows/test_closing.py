"""Which runs close the barometer of a year, what they keep, and the days that a quiet night must build."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pyarrow as pa
import pytest

from flows import candidate
from flows.night import Options, _close_the_year


class Releases:
    """A store of one published release."""

    def __init__(self, current: str | None) -> None:
        self.current, self.pins = current, {}

    def current_id(self) -> str | None:
        return self.current

    def list(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(pinned=name) for name in ("", *self.pins.values())]

    def pin(self, release: str, name: str) -> None:
        self.pins[release] = name


@pytest.mark.parametrize(
    ("kind", "day", "closed"),
    [
        ("yearly", "2027-01-31", True),
        ("yearly", "2027-02-02", True),  # the run of 31 January had failed
        ("yearly", "2028-02-29", True),
        ("yearly", "2027-01-30", False),
        ("yearly", "2027-03-01", False),
        ("yearly", "2026-12-01", False),
        ("nightly", "2027-01-31", False),
    ],
)
def test_the_run_that_closes_the_year(kind: str, day: str, closed: bool) -> None:
    store, nuit = Releases("2027-01-29-0123abcd"), dt.date.fromisoformat(day)
    _close_the_year(SimpleNamespace(releases=store), Options(kind=kind), nuit)  # type: ignore[arg-type]
    assert store.pins == ({"2027-01-29-0123abcd": f"Baromètre {nuit.year - 1}"} if closed else {})
    store.current = "2027-02-03-4567abcd"
    _close_the_year(SimpleNamespace(releases=store), Options(kind="yearly"), dt.date(nuit.year, 2, 3))  # type: ignore[arg-type]
    assert list(store.pins.values()) == [f"Baromètre {nuit.year - 1}"]  # once


def test_nothing_published_closes_nothing() -> None:
    store = Releases(None)
    _close_the_year(SimpleNamespace(releases=store), Options(kind="yearly"), dt.date(2027, 1, 31))  # type: ignore[arg-type]
    assert store.pins == {}


def test_what_stewards_dated_is_built_on_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision on a state ceases to hold with no new figure: without its day, it would be shown for months more."""
    day = dt.date.fromisoformat
    dates = {
        "date": pa.array([day("2026-11-01"), day("2026-12-01")]),
        "valide_au": pa.array([day("2027-06-30"), None]),
    }
    tables = {
        "referentiel/etats": pa.table(dates),
        "referentiel/etapes": pa.table({"nuit": pa.array([day("2027-03-15"), day("2026-11-20")])}),
    }
    monkeypatch.setattr(candidate, "_landed_table", lambda _, __, name: tables[name])
    inputs = SimpleNamespace(nuit=day("2026-11-20"), chosen=None)
    assert [str(d) for d in candidate._steward_days(None, inputs)] == [  # type: ignore[arg-type]
        "2026-12-01", "2027-01-31", "2027-03-15", "2027-07-01",
    ]  # fmt: skip
