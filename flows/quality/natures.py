"""Which figures of a release come straight from the publisher, and which the observatory computed (US-10 A4).

Not here: computing one (dbt) and showing them (flows.quality.report). The indicator's own territory is looked at: the
EPCI, or the level at which the publisher gives the figure at all.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.core.periods import end_of, in_french, sort_key
from flows.core.tables import Release


def natures(release: Release) -> list[dict[str, Any]]:
    """One entry an indicator, in the order of pages: `indicateur`, `titre`, `niveau`, `territoire`, `natures`.

    `natures` lists `{"nature", "periodes", "dite"}`, newest figures first, over the known totals of the indicator's
    own territory; empty when none is known there. `dite`: the newest period as the indicator says it, "" as usual.
    """
    names = {(row["niveau"], row["code"]): row["nom"] for row in release.table("dim_territory").to_pylist()}
    declared = release.table("dim_indicator").to_pylist()
    codes = pa.array(sorted({row["territoire_code"] for row in declared if row["territoire_code"]}), pa.string())
    figures = release.table("fct_observation")
    figures = figures.filter(
        pc.and_(pc.is_in(figures["territoire_code"], value_set=codes), pc.equal(figures["ventilation"], ""))
    )
    found: dict[tuple[str, str, str], dict[str, dict[str, dt.date | None]]] = {}
    for row in figures.filter(pc.is_valid(figures["valeur"])).to_pylist():
        place = (row["indicateur"], row["territoire_niveau"], row["territoire_code"])
        found.setdefault(place, {}).setdefault(row["nature"], {})[row["periode"]] = row["jusqu_au"]
    out = []
    for row in sorted(declared, key=lambda r: (r["ordre"] or 0, r["indicateur"])):
        own = (row["territoire_niveau"], row["territoire_code"])
        groups = [
            {
                "nature": nature,
                "periodes": sorted(ends, key=sort_key),
                "dite": _said(row["periode_phrase"] or "", *max(ends.items(), key=lambda item: sort_key(item[0]))),
            }
            for nature, ends in found.get((row["indicateur"], *own), {}).items()
        ]
        groups.sort(key=lambda g: (sort_key(g["periodes"][-1]), g["nature"]), reverse=True)
        out.append(
            {
                "indicateur": row["indicateur"],
                "titre": row["titre"],
                "niveau": own[0],
                "territoire": names.get(own, own[1] or ""),
                "natures": groups,
            }
        )
    return out


def _said(shape: str, periode: str, until: dt.date | None) -> str:
    """`periode_phrase` of an indicator filled: « 12 mois au 31 juillet 2026 »."""
    last = in_french((until or end_of(periode)).isoformat())
    return shape.replace("{fin}", last).replace("{periode}", in_french(periode))
