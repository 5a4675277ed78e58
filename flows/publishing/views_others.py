"""View model of the series that the main table of an indicator leaves out: other territories at other periods, and
details of the territory that are older than those shown.

Not here: comparing them with the indicator's own figures: periods differ, and each is read for itself. Details of
other territories are left to the downloads.
"""

from __future__ import annotations

from typing import Any

from flows.core import periods
from flows.core.words import Statut
from flows.publishing import numbers
from flows.publishing.views_data import Place, Row, World
from flows.publishing.views_home import judged_part, marks, part_label
from flows.publishing.views_indicator import cell, number_notes


def other_series(world: World, indicator: Row, place: Place, shown: list[Place]) -> dict[str, Any] | None:
    """Tables of the figures that stand nowhere else on the page; None when there are none.

    Args:
        place: the indicator's own territory. shown: territories of the main table.

    Returns:
        `tableaux`: `titre` ("" for totals, else the detail), `colonnes` (name, unit), `lignes` (periode, cellules),
        newest first; `notes` and `marques` of all of them.
    """
    ident = indicator["indicateur"]
    tables = []
    totals = [(p, world.figures(ident).series.get(p, [])) for p in _above(world) if p not in (*shown, place)]
    tables.append(_table(world, indicator, "", totals))
    for ventilation in _older(world, indicator, place):
        found = [
            (other, [r for r in world.figures(ident).parts.get(other, ()) if r["ventilation"] == ventilation])
            for other in (place, *(p for p in _above(world) if p != place))
        ]
        tables.append(_table(world, indicator, ventilation, found))
    kept = [table for table in tables if table is not None]
    if not kept:
        return None
    cells = [c for table in kept for line in table["lignes"] for c in line["cellules"]]
    return {"tableaux": kept, "notes": number_notes(cells), "marques": marks(world, cells)}


def _above(world: World) -> list[Place]:
    """Every territory but communes, in the order of the territory file."""
    rows = sorted(world.places.values(), key=lambda r: (r["ordre"] or 0, r["niveau"], r["code"]))
    return [(r["niveau"], r["code"]) for r in rows if r["niveau"] != "commune"]


def _older(world: World, indicator: Row, place: Place) -> list[str]:
    """Details of the territory whose newest figure is of another period than the details that the page shows."""
    rows = world.figures(indicator["indicateur"]).parts.get(place, [])
    newest = {r["ventilation"]: r["periode"] for r in rows if r["valeur"] is not None}
    judged = {r["ventilation"] for r in judged_part(world, indicator, place)}
    last = rows[-1]["periode"] if rows else ""
    return sorted(v for v, period in newest.items() if period != last and v not in judged)


def _table(world: World, indicator: Row, ventilation: str, series: list[tuple[Place, list[Row]]]) -> Row | None:
    said = [(p, rows) for p, rows in series if any(r["valeur"] is not None for r in rows)]
    if not said:
        return None
    known = {r["periode"] for _, rows in said for r in rows if r["statut"] != Statut.MANQUANT}
    by_period = [{r["periode"]: r for r in rows} for _, rows in said]
    lines = []
    for period in sorted(known, key=periods.sort_key, reverse=True):
        found = [rows.get(period) for rows in by_period]
        # The plain period: the indicator's own words (« 12 mois au … ») are those of its own figures.
        lines.append({"periode": numbers.period_in_french(period), "cellules": [cell(world, r) for r in found]})
    first = said[0][1][-1]
    return {
        "titre": part_label(indicator, first, unit=False) if ventilation else "",
        "colonnes": [
            (world.name(p), numbers.shown_unit(rows[-1]["unite"] or indicator["unite"])) for p, rows in said
        ],
        "lignes": lines,
    }
