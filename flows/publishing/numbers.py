"""Numbers, units, periods and dates as a French reader reads them.

Thousands are set off by a narrow no-break space (U+202F), decimals by a comma, the minus sign is U+2212, a unit keeps
to its number by a no-break space (U+00A0). Number patterns come from Babel (CLDR, locale `fr`); rounding is half up,
as readers expect, on the decimal writing of the number (never on its binary form).

Not here: sentences (`flows.publishing.sentences`), articles (`flows.publishing.grammar`), rounding of the figures
themselves, which is done once, in the warehouse.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from flows.core.errors import ObservatoireError
from flows.core.periods import end_of, in_french

NARROW, NBSP, MINUS = "\u202f", "\u00a0", "\u2212"
SECRET = "secret statistique"
MISSING = "non disponible"

# Units that are symbols: they never take a plural.
_SYMBOLS = frozenset(
    [
        "€",
        "%",
        "ha",
        "km",
        "m",
        "GWh",
        "MWh",
        "kWh",
        "MW",
        "kW",
        "t",
        "kt",
        "Mt",
        "ktCO2e",
        "tCO2e",
        "k€",
        "M€",
        "m²",
        "m³",
        "µg/m³",
    ]
)
_SHOWN = {"ktCO2e": "ktCO₂e", "tCO2e": "tCO₂e", "MtCO2e": "MtCO₂e", "m2": "m²", "m3": "m³"}


class NumberError(ObservatoireError):
    """A number that no reader may be shown: infinite or not a number."""


def rounded(value: float, decimals: int) -> Decimal:
    """`value` rounded half up to `decimals` places, on its shortest decimal writing (2.675 → 2.68).

    Raises:
        NumberError: NaN or infinite.
    """
    if not math.isfinite(value):
        raise NumberError(
            "Un chiffre à afficher n’est pas un nombre fini.",
            where=repr(value),
            todo="corriger le modèle dbt qui le produit.",
        )
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def number(value: float | None, decimals: int = 0, *, sign: bool = False, trim: bool = False) -> str:
    """« 18 550 », « −3,2 », « +1,2 »; « non disponible » for None.

    Args:
        decimals: digits after the comma. sign: write « + » before a positive number.
        trim: drop a decimal part that is only zeros (« 12 » for 12,0).
    """
    if value is None:
        return MISSING
    exact = rounded(value, decimals)
    if exact == 0:
        exact = abs(exact)  # no « −0 »
    if trim and exact == exact.to_integral_value():
        decimals = 0
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = format_decimal(abs(exact), format=pattern, locale="fr")
    text = text.replace("\u00a0", NARROW)  # whatever CLDR version Babel carries
    if exact < 0:
        return MINUS + text
    return f"+{text}" if sign and exact > 0 else text


def figure(value: float | None, decimals: int = 0, *, bound: str = "") -> str:
    """A figure as a table shows it: « 18 550 », « ≤ 5 », « ≥ 2 538,1 », « moins de 0,1 ».

    A positive amount that rounds to nothing is not nothing: it is said to be under one displayed unit.

    Args:
        bound: `plafond` when the true value is at most this one, `plancher` when it is at least this one.
    """
    if value is None:
        return MISSING
    if is_trace(value, decimals):
        return f"moins de{NBSP}{number(10.0**-decimals, decimals)}"
    sign = {"plafond": f"≤{NBSP}", "plancher": f"≥{NBSP}"}.get(bound, "")
    return sign + number(value, decimals)


def is_trace(value: float, decimals: int) -> bool:
    """Is it more than nothing, and less than half of the last digit shown?"""
    return value > 0 and rounded(value, decimals) == 0


def figure_with_unit(value: float | None, unit: str, decimals: int = 0, *, bound: str = "", statut: str = "") -> str:
    """A figure and its unit in a sentence: « 5 % ou moins », « au moins 161,6 GWh », « moins de 0,1 GWh »."""
    if value is None:
        return with_unit(None, unit, decimals, statut=statut)
    if is_trace(value, decimals):
        return f"moins de{NBSP}{with_unit(10.0**-decimals, unit, decimals)}"
    said = with_unit(value, unit, decimals)
    return {"plafond": f"{said} ou moins", "plancher": f"au moins {said}"}.get(bound, said)


def agree(unit: str, value: float | None) -> str:
    """A unit in the number that its value asks: « jour » below 2, « jours » from 2 on; symbols never change."""
    shown = _SHOWN.get(unit, unit)
    first, _, rest = shown.partition(" ")
    if first in _SYMBOLS or first in _SHOWN.values() or value is None or abs(value) >= 2:
        return shown
    if first == "ans" or (len(first) > 3 and first.endswith(("s", "eux"))):
        first = first[:-1]
        rest = re.sub(r"^sociaux\b", "social", rest)
    return f"{first} {rest}".strip()


def with_unit(
    value: float | None, unit: str, decimals: int = 0, *, sign: bool = False, trim: bool = False, statut: str = ""
) -> str:
    """A number and its unit: « 18 550 € », « 12,3 % », « 1 jour »; words for what is secret or missing.

    Args:
        value: the figure, None when secret or missing. unit: short unit (« € », « ha », « jours »), may be empty.
        statut: `core.words.Statut` value; `secret` gives « secret statistique ».
    """
    if value is None:
        return SECRET if statut == "secret" else MISSING
    text = number(value, decimals, sign=sign, trim=trim)
    shown = agree(unit, float(rounded(value, decimals)))
    return f"{text}{NBSP}{shown.replace(' ', NBSP)}" if shown else text


def ordinal(n: int, *, feminine: bool = False) -> str:
    """« 1er », « 1re », « 2e », « 21e »."""
    if n == 1:
        return "1re" if feminine else "1er"
    return f"{n}e"


def date_in_french(value: dt.date | str) -> str:
    """« 20 novembre 2026 », « 1er mars 2026 », from a date or an ISO text (time of day is dropped)."""
    day = dt.date.fromisoformat(value[:10]) if isinstance(value, str) else value
    text = format_date(day, format="d MMMM y", locale="fr")
    return re.sub(r"^1 ", "1er ", text).replace(" ", NBSP, 1)


def period_in_french(period: str) -> str:
    """A period alone, number kept to its word: « 3e trimestre 2021 », « juin 2021 », « 2018 à 2022 »."""
    return in_french(period).replace(" ", NBSP) if len(period) > 4 else period


def short_period(period: str) -> str:
    """A period for an axis or a table: « 2021 », « T3 2021 », « juin 2021 », « 2018-2022 », « 15/06/2021 »."""
    if m := re.fullmatch(r"(\d{4})-T([1-4])", period):
        return f"T{m[2]}{NBSP}{m[1]}"
    if m := re.fullmatch(r"(\d{4})/(\d{4})", period):
        return f"{m[1]}-{m[2]}"
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", period):
        return end_of(period).strftime("%d/%m/%Y")
    return period_in_french(period)


def period_words(period: str, template: str | None = None, until: dt.date | None = None) -> str:
    """A period in the words of its indicator, else alone: « 12 mois au {fin} » → « 12 mois au 31 juillet 2026 ».

    Args:
        template: `periode_phrase` of the indicator. until: last day counted, when not the period's own.
    """
    if not template:
        return period_in_french(period)
    last = date_in_french(until or end_of(period))
    return template.replace("{fin}", last).replace("{periode}", period_in_french(period))


def in_period(period: str) -> str:
    """When: « en 2021 », « au 3e trimestre 2021 », « en juin 2021 », « le 15 juin 2021 », « de 2018 à 2022 »."""
    return f"{_preposition(period)}{NBSP}{period_in_french(period)}"


def since_period(period: str) -> str:
    """Since when: « depuis 2014 », « depuis le 1er trimestre 2019 », « depuis la période 2018 à 2022 »."""
    link = {"en": "", "au": "le ", "le": "le ", "de": "la période "}[_preposition(period)]
    return f"depuis {link}{period_in_french(period)}"


def _preposition(period: str) -> str:
    end_of(period)  # raises PeriodError with its own words
    if "/" in period:
        return "de"
    if "T" in period:
        return "au"
    return "le" if len(period) == 10 else "en"


def shown_unit(unit: str) -> str:
    """A long unit as readers see it: « ktCO₂e/an », « € par an »."""
    first, slash, rest = unit.partition("/")
    return _SHOWN.get(first, first) + slash + rest


def is_rate(unit: str) -> bool:
    """Is it a percentage? Its differences are then said in points."""
    return unit.strip().startswith("%")


def is_intensive(unit: str) -> bool:
    """May two territories of different sizes be compared on it? True for rates, amounts per something, durations.

    False for quantities of the territory as a whole (hectares, GWh, tonnes, inhabitants, counts), « par an » or not.
    """
    bare = re.sub(r"\s*(/\s*an\b|par an\b)", "", unit.lower()).strip()
    if "%" in bare or re.search(r"\b(par|pour)\b|/", bare):
        return True
    return bool(re.match(r"(indice|ratio|jours?|consultations?|ans?|années?|minutes?|note|µg)\b", bare))
