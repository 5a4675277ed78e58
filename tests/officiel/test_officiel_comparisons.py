"""Every declared comparison has a figure in the reference night, or docs/indicators.md says why it has none."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from flows.core.words import Niveau

PAGE = Path(__file__).resolve().parents[2] / "docs" / "indicators.md"
_ROW = re.compile(r"^\| `(\w+)` \| ([\w, ]+) \| (.+) \|$", re.MULTILINE)


def told() -> dict[str, set[str]]:
    """Indicator → levels that the page says have no figure."""
    section = (
        PAGE.read_text("utf-8").split("## Comparisons that have no figure in the demonstration")[1].split("\n## ")[0]
    )
    return {indicator: set(levels.split(", ")) for indicator, levels, _ in _ROW.findall(section)}


@pytest.mark.slow
def test_a_declared_comparison_has_figures_or_a_reason(released) -> None:  # type: ignore[no-untyped-def]
    indicators = {r["indicateur"]: r for r in released.table("dim_indicator").to_pylist() if r["calcule"]}
    known = defaultdict(set)
    for row in released.table("fct_observation").to_pylist():
        own = indicators[row["indicateur"]]
        place = (row["territoire_niveau"], row["territoire_code"])
        elsewhere = place != (own["territoire_niveau"], own["territoire_code"])
        if row["valeur"] is not None and not row["ventilation"] and elsewhere:
            known[row["indicateur"]].add(row["territoire_niveau"])
    mean = {str(Niveau.GROUPE)}  # the mean of similar EPCI depends on how many of them publish
    missing = {name: set(row["comparaisons"]) - known[name] - mean for name, row in indicators.items()}
    deposited = {name for name, row in indicators.items() if row["saisie"] == "oui"}  # awaited, levels above too
    assert {name: levels for name, levels in missing.items() if levels and name not in deposited} == told()
