"""Observations in columns: the same rows as the table, in the order of pages, whatever order they came in."""

from __future__ import annotations

import random

import pyarrow as pa

from flows.core.periods import sort_key
from flows.publishing.observed import Observed
from tests.tiny_release import tiny_release

KEY = ("indicateur", "territoire_niveau", "territoire_code")


def _expected(rows):
    found = {}
    for row in rows:
        kind = "parts" if row["ventilation"] else "series"
        place = (row["territoire_niveau"], row["territoire_code"])
        found.setdefault((row["indicateur"], kind), {}).setdefault(place, []).append(row)
    for places in found.values():
        for series in places.values():
            series.sort(key=lambda row: (sort_key(row["periode"]), row["ventilation"]))
    return found


def test_columns_say_what_the_rows_say_in_any_order():
    table = tiny_release().table("fct_observation")
    rows = table.to_pylist()
    shuffled = list(rows)
    random.Random(3).shuffle(shuffled)
    for given in (table, pa.Table.from_pylist(shuffled, schema=table.schema)):
        whole = Observed(given)
        for (name, kind), places in _expected(rows).items():
            assert dict(getattr(whole.figures(name), kind)) == places
        for name in {row["indicateur"] for row in rows}:
            mine = [row for row in rows if row["indicateur"] == name]
            figures = whole.figures(name)
            assert figures.editions() == {e for row in mine for e in row["editions"] or ()}
            totals = [r for r in mine if not r["ventilation"] and r["statut"] != "manquant"]
            assert figures.counts() == {
                p: sum(r["periode"] == p for r in totals) for p in {r["periode"] for r in totals}
            }
            for period in {row["periode"] for row in mine}:
                due = {
                    r["territoire_code"]: r
                    for r in mine
                    if (r["territoire_niveau"], r["periode"], r["ventilation"]) == ("commune", period, "")
                }
                assert figures.at("commune", period) == due
    assert whole.simulated() == {row["indicateur"] for row in rows if row["nature"] == "simule"}


def test_an_indicator_without_figures_has_none():
    figures = Observed(tiny_release().table("fct_observation")).figures("inconnu")
    assert not figures and not figures.series and not figures.parts and figures.counts() == {}
    empty = Observed(tiny_release().table("fct_observation").slice(0, 0))
    assert not empty.figures("population") and empty.newest() == [] and empty.simulated() == set()
