"""Which figure a status is about: the row of `fct_observation` behind the value that was judged.

Not here: judging (dbt) and wording (flows.alerts.facts). A budget is judged on a running total, a breakdown of its
indicator: reading the total of the indicator instead would give the status, note and unit of another figure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.core.tables import Release

Row = Mapping[str, Any]
_CUMULATIVE = ("budget_cumule", "division")


def judged_figures(release: Release) -> dict[str, Row]:
    """Indicator id → the figure that its row of `fct_status` judges; an indicator without such a figure is left out.

    The status names the breakdown in its `details`. A status that does not (an older release) is about the running
    total of its indicator when its trajectory is a budget, and about the total otherwise.
    """
    statuses = {_place(row): row for row in release.table("fct_status").to_pylist()}
    forms = {row["trajectoire"]: row["forme"] for row in release.table("dim_trajectory").to_pylist()}
    found: dict[str, dict[str, Row]] = {}
    figures = release.table("fct_observation")
    codes = pa.array(sorted({row["territoire_code"] for row in statuses.values()}), pa.string())
    # Communes are thousands of rows, and a status is never about one: they are left out before any row is unfolded.
    for row in figures.filter(pc.is_in(figures["territoire_code"], value_set=codes)).to_pylist():
        if _place(row) in statuses:
            found.setdefault(row["indicateur"], {})[row["ventilation"]] = row
    out = {}
    for status in statuses.values():
        rows = found.get(status["indicateur"], {})
        named = _breakdown(status)
        if named is None:
            cumulated = sorted(name for name in rows if "cumul" in name)
            budget = forms.get(status["trajectoire"]) in _CUMULATIVE
            named = cumulated[0] if budget and cumulated else ""
        if named in rows:
            out[status["indicateur"]] = rows[named]
    return out


def _place(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in ("indicateur", "territoire_niveau", "territoire_code", "periode"))


def _breakdown(status: Row) -> str | None:
    """Breakdown named by the status, "" for the total, None when it does not say."""
    try:
        observation = json.loads(status["details"] or "{}").get("observation") or {}
    except (ValueError, AttributeError):
        return None
    told = observation.get("ventilation")
    return told if isinstance(told, str) else None
