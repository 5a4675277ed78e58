"""ODRÉ: éCO2mix regional in real time, with SIMULATED powers: nothing here was measured.

Two real quarter-hours are known, not a day: the whole series is drawn, from a fixed seed, one level a day for each
power. A day is served as 96 quarter-hours that all carry that level, which is enough for sums by day and for nothing
else. Field names and types are those recorded (contract §3.3).
Not here: queries and answers (`flows.portal.explore`).
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Sequence
from typing import Any

from flows.portal.explore_sets import Explored
from flows.portal.figures import Figures, Row, View, spec
from flows.portal.payloads import words

REGION = "32"
FIRST, LAST = dt.date(2026, 9, 1), dt.date(2027, 6, 30)
QUARTERS = 96
_TABLE = "odre__mix_regional"
# Mean level (MW), seasonal swing (winter up when positive) and spread from day to day.
_LEVELS = {
    "consommation": (4900.0, 0.18, 0.05),
    "thermique": (700.0, 0.30, 0.35),
    "nucleaire": (3900.0, 0.05, 0.20),
    "eolien": (1350.0, 0.30, 0.60),
    "solaire": (90.0, -0.60, 0.30),
    "hydraulique": (4.0, 0.10, 0.20),
    "bioenergies": (110.0, 0.02, 0.06),
}
POWERS = (
    "consommation",
    "thermique",
    "nucleaire",
    "eolien",
    "solaire",
    "hydraulique",
    "bioenergies",
    "ech_physiques",
)
_FIELDS = {
    **dict.fromkeys(words("code_insee_region libelle_region nature date heure"), "text"),
    "date_heure": "datetime",
    **dict.fromkeys(POWERS, "int"),
    **dict.fromkeys(words("pompage stockage_batterie destockage_batterie column_68"), "text"),
    **{f"{kind}_{name}": "double" for name in POWERS[1:-1] for kind in ("tco", "tch")},
}


def simulated(figures: Figures) -> Sequence[Row]:
    """One row a day: MW of each power, the same all day; exchanges balance production and consumption."""
    draw = random.Random(f"{_TABLE}/{REGION}")
    rows, day = [], FIRST
    while day <= LAST:
        season = math.cos(2 * math.pi * (day.timetuple().tm_yday - 15) / 365.25)
        level = {
            name: max(0, round(mean * (1 + swing * season) * math.exp(spread * draw.gauss(0, 1) - spread**2 / 2)))
            for name, (mean, swing, spread) in _LEVELS.items()
        }
        level["ech_physiques"] = level["consommation"] - sum(level[name] for name in POWERS[1:-1])
        rows.append({"date": day.isoformat(), "code_insee_region": REGION} | {n: str(level[n]) for n in POWERS})
        day += dt.timedelta(days=1)
    return rows


TABLES = {
    _TABLE: spec(
        f"date code_insee_region {' '.join(POWERS)}", "code_insee_region", " ".join(POWERS), None, simulated
    ),
}


def _read(view: View, repeat: bool) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    for row in view.rows(_TABLE, repeat=repeat):
        record: dict[str, Any] = {
            **dict.fromkeys(_FIELDS),
            "code_insee_region": row["code_insee_region"],
            "libelle_region": "Hauts-de-France",
            "nature": "Données temps réel",
            "date": row["date"],
            "pompage": "0",
            **{name: int(row[name]) for name in POWERS},
        }
        records += [record] * QUARTERS
    return records


ECO2MIX = Explored(
    host="odre.opendatasoft.com",
    ident="eco2mix-regional-tr",
    main="code_insee_region",
    publisher="RTE",
    title=lambda ask: "Données éCO2mix régionales temps réel",
    modified=lambda ask: f"{ask.today}T03:00:00+00:00",
    read=_read,
    fields=_FIELDS,
)
EXPLORED = (ECO2MIX,)
