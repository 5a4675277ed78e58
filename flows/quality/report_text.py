"""How the stewards' report writes a cell, a day, an instant, a count: French, in Paris time.

Not here: what the report says (flows.quality.report) and HTML (flows.publishing.report). Downloads keep the exact
values and the tables' own column names: what is rounded here is only what a person reads.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flows.core.periods import in_french

NARROW = "\u202f"
_PARIS = ZoneInfo("Europe/Paris")
_COLUMNS = {
    "annee": "année",
    "chiffres": "chiffres connus",
    "code_commune": "code de la commune",
    "code_insee_commune": "code de la commune",
    "codeinseecommune": "code de la commune",
    "codgeo": "code",
    "conf_status": "marque de secret",
    "ecart": "écart",
    "geo_code": "code",
    "geo_niveau": "niveau",
    "mesure": "mesure",
    "measure": "mesure",
    "obs_status": "marque de l’éditeur",
    "periode": "période",
    "population_geo": "population (découpage administratif)",
    "population_insee": "population (Insee)",
    "precedent": "valeur précédente",
    "precedente": "valeur précédente",
    "territoire_code": "code",
    "territoire_niveau": "niveau",
    "time_period": "période",
    "unite": "unité",
    "valeur_brute": "valeur écrite par l’éditeur",
    "value": "valeur",
}
_LEVELS = ("niveau", "territoire_niveau")
_STEPS = {"controler": "contrôler", "alleger": "alléger"}
_LONG_NUMBER = re.compile(r"(?<![\d,.-])\d{4,}(?= (?:lignes?|valeurs?|communes?)\b)")


def column(name: str) -> str:
    """French heading of a column of offending rows."""
    return _COLUMNS.get(name, name.replace("_", " "))


def cell(name: str, value: Any, titles: Mapping[str, str], levels: Mapping[str, str]) -> str:
    """One value of an offending row: numbers rounded to what a person compares, ids as titles, codes as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return decimal_text(value)
    if isinstance(value, int):
        return whole(value) if abs(value) >= 10_000 else str(value).replace("-", "\u2212")
    text = str(value)
    if name == "indicateur":
        return titles.get(text, text)
    return levels.get(text, text) if name in _LEVELS else text


def decimal_text(value: float) -> str:
    """Two decimals at most, three significant digits below one; « 6,32 », « 0,00421 », « 2 538,1 »."""
    if value != value or value in (float("inf"), float("-inf")):
        return "valeur non finie"
    text = f"{value:,.2f}" if abs(value) >= 1 or value == 0 else f"{float(f'{value:.3g}'):.10f}"
    text = text.rstrip("0").rstrip(".")
    return text.replace(",", NARROW).replace(".", ",").replace("-", "\u2212")


def whole(value: int) -> str:
    """« 5 376 », with narrow spaces."""
    return f"{value:,}".replace(",", NARROW).replace("-", "\u2212")


def observed(text: str) -> str:
    """What a gate observed, its counts written as elsewhere: « 5 376 lignes regardées »."""
    return _LONG_NUMBER.sub(lambda m: whole(int(m[0])), text)


def between(first: str, last: str) -> str:
    """A span of periods: « 2016 », « de 2014 à 2019 », « du 1er trimestre 2003 au 3e trimestre 2023 »."""
    start, end = in_french(first), in_french(last)
    if start == end:
        return start
    if "T" in first or len(first) == 10:
        return f"du {start} au {end}"
    return f"{'d’' if start[0] in 'ao' else 'de '}{start} à {end}"


def step(name: str) -> str:
    """A step of the night as a person says it; datasets and other names stay as they are."""
    return _STEPS.get(name, name)


def csv_text(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Offending rows as RFC 4180 text; a cell that a spreadsheet would run as a formula is quoted as text."""

    def one(value: Any) -> str:
        text = "" if value is None else str(value)
        if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t"):
            text = "'" + text
        return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text

    lines = [",".join(columns), *(",".join(one(row.get(name)) for name in columns) for row in rows)]
    return "\r\n".join(lines) + "\r\n"


def day(value: Any) -> str:
    """A date or ISO text as « 20/11/2026 », "" when there is none."""
    if not value:
        return ""
    found = value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])
    return f"{found:%d/%m/%Y}"


def moment(value: Any) -> str:
    """An instant of the record (UTC) as « 20/11/2026 à 02 h 30 », Paris time."""
    return f"{dt.datetime.fromisoformat(str(value)).astimezone(_PARIS):%d/%m/%Y à %H h %M}" if value else ""


def duration(steps: Sequence[Mapping[str, Any]]) -> str:
    """Time spent in the steps: the clock of a demonstration stands still."""
    minutes, rest = divmod(round(sum(item.get("seconds") or 0 for item in steps)), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
