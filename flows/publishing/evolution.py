"""How a series moved, in one French sentence: « En hausse de 9 % depuis 2014, dans le sens souhaité. »

Not here: the trend that a status uses (the warehouse computes it), a comparison across a break (refused).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flows.core.periods import decimal_year
from flows.publishing.figures import CUMULATIVE_FORMS, Indicator, Row, Serie, is_comparable, is_unfinished
from flows.publishing.grammar import at_start, lower_first, typographic
from flows.publishing.numbers import in_period, is_rate, rounded, since_period, with_unit

# Relative changes below this are said to be stable: smaller than what such statistics can tell apart.
STABLE = 0.005
# Above this factor a percentage no longer speaks; the change is given in the unit.
SPEAKING = 3.0


@dataclass(frozen=True)
class Evolution:
    """Change between two figures of the same series and the same side of every break.

    Attributes:
        debut, fin: the two rows. sens: `hausse`, `baisse` or `stable`. ampleur: French amount, "" when stable.
        sans_provisoire: a provisional last year was left out.
        sur_un_an: the two are the same season one year apart (series finer than the year).
    """

    debut: Row
    fin: Row
    sens: str
    ampleur: str
    sur_un_an: bool
    sans_provisoire: bool = False


def unit_of_change(indicator: Indicator) -> str:
    """Unit of a difference: points for a rate or an index of base 100, else the short unit, else the first words of
    the long one; "" for a bare number (a ratio, an index under one)."""
    unit = str(indicator.meta["unite"] or "")
    if is_rate(unit) or (unit.startswith("indice") and "100" in unit):
        return "points"
    if unit.startswith(("indice", "ratio")):
        return str(indicator.meta["unite_courte"] or "")
    return str(indicator.meta["unite_courte"] or "") or unit.removesuffix(" par an")


def evolution_of(indicator: Indicator, serie: Serie) -> Evolution | None:
    """The change to the newest figure, or None when it has no earlier companion on its side of the breaks.

    Yearly series: since the first year of the segment. Finer ones: against the same season one year before when it
    is there, else since the first period.
    """
    segments = indicator.segments(serie.rows)
    if not segments:
        return None
    known = [row for row in segments[-1] if row["valeur"] is not None]
    # A year that is not over, a simulated one or a mere bound is compared with nothing.
    if known and known[-1]["nature"] == "simule":
        return None
    known = [row for row in known if is_comparable(row, indicator.nuit)]
    if len(known) < 2:
        return None
    # A provisional year is often an incomplete one: the evolution stops at the last final year.
    final = [row for row in known if row["statut"] != "provisoire"]
    trimmed = known[-1]["statut"] == "provisoire" and len(known[-1]["periode"]) == 4
    if trimmed:
        if len(final) < 2:
            return None
        known = final
    last, first, year_ago = known[-1], known[0], False
    if "-" in last["periode"]:
        same = [row for row in known if row["periode"] == f"{int(last['periode'][:4]) - 1}{last['periode'][4:]}"]
        if same:
            first, year_ago = same[0], True
    sens, amount = _change(indicator, first["valeur"], last["valeur"])
    return Evolution(first, last, sens, amount, year_ago, trimmed)


def _change(indicator: Indicator, before: float, after: float) -> tuple[str, str]:
    decimals = int(indicator.meta["decimales"] or 0)
    gap = after - before
    exact = float(rounded(after, decimals) - rounded(before, decimals))
    if exact == 0:
        return "stable", ""
    sens = "hausse" if gap > 0 else "baisse"
    if is_rate(str(indicator.meta["unite"])):
        return sens, with_unit(abs(exact), "points", decimals, trim=True)
    # A delay that grows by 4 % says little: years are told in years.
    if (
        unit_of_change(indicator) == "ans"
        or before <= 0
        or after <= 0
        or max(after / before, before / after) > SPEAKING
    ):
        return sens, with_unit(abs(exact), unit_of_change(indicator), decimals, trim=True)
    ratio = gap / before
    if abs(ratio) < STABLE:
        return "stable", ""
    digits = 0 if abs(ratio) >= 0.02 else 1
    return sens, with_unit(abs(ratio) * 100, "%", digits, trim=True)


def sentence(indicator: Indicator, serie: Serie) -> str:
    """The evolution as a whole sentence; says why when none may be computed."""
    if flow := _means(indicator, serie):
        return flow
    found = evolution_of(indicator, serie)
    if found is None:
        return _none(indicator, serie)
    when = "sur un an" if found.sur_un_an else since_period(found.debut["periode"])
    if found.sans_provisoire:
        when = f"de {found.debut['periode']} à {found.fin['periode']}, dernière année définitive"
    unit = str(indicator.meta["unite"])
    polarity = str(indicator.meta["polarite"] or "neutre")
    if "€" in unit and "constant" not in unit:
        when += " (en euros courants)"
        polarity = "neutre"  # prices rose too: more euros are not yet the change that is wanted
    if found.sens == "stable":
        tail = f" ; une {polarity} est souhaitée" if polarity in ("hausse", "baisse") else ""
        return f"Stable {when}{tail}."
    tail = ""
    if polarity == found.sens:
        tail = ", dans le sens souhaité"
    elif polarity in ("hausse", "baisse"):
        tail = f" ; une {polarity} est souhaitée"
    return f"En {found.sens} de {found.ampleur} {when}{tail}."


def _means(indicator: Indicator, serie: Serie) -> str:
    """Two means of an irregular yearly flow, before and since the base year of its ceiling; "" for another series.

    Two single years of such a flow say nothing of its trend. A mean of published yearly amounts is allowed: they add
    up. Whole years without a hole and on the same side of every break only.
    """
    decision, unit = indicator.decision, str(indicator.meta["unite"] or "")
    if decision is None or decision["forme"] not in CUMULATIVE_FORMS or not decision["base_annee"]:
        return ""
    rows = [row for row in serie.rows if len(row["periode"]) == 4]
    if not unit.endswith(("/an", "par an")) or len(rows) != len(serie.rows) or len(indicator.segments(rows)) != 1:
        return ""
    parts = [[r for r in rows if (r["annee"] > decision["base_annee"]) is after] for after in (True, False)]
    for part in parts:
        whole = [r for r in part if r["valeur"] is not None and is_comparable(r, indicator.nuit)]
        if len(part) < 2 or len(whole) < len(part) or part[-1]["annee"] - part[0]["annee"] != len(part) - 1:
            return ""
    after, before = (_mean(indicator, part) for part in parts)
    last = " (dernière année provisoire)" if parts[0][-1]["statut"] == "provisoire" else ""
    span = [f"de {part[0]['periode']} à {part[-1]['periode']}" for part in parts]
    return f"{at_start(after)} par an en moyenne {span[0]}{last}, contre {before} par an {span[1]}."


def _mean(indicator: Indicator, part: list[Row]) -> str:
    mean = float(sum(Decimal(repr(row["valeur"])) for row in part) / len(part))
    decimals = min(int(indicator.meta["decimales"] or 0), 1)
    return with_unit(mean, str(indicator.meta["unite_courte"] or ""), decimals)


def _none(indicator: Indicator, serie: Serie) -> str:
    last = serie.known[-1] if serie.known else None
    if last is None or last["nature"] == "simule" or is_unfinished(last, indicator.nuit):
        return ""
    crossed = [row for row in indicator.breaks if decimal_year(row["periode"]) <= last["annee"]]
    earlier = [row for row in serie.known if crossed and row["annee"] < decimal_year(crossed[-1]["periode"])]
    if crossed and earlier:
        reason = typographic(str(crossed[-1]["motif"])).rstrip(". ")
        return (
            f"La série est coupée {in_period(crossed[-1]['periode'])} : {lower_first(reason)}. "
            "Aucune évolution n’est calculée avec les chiffres d’avant."
        )
    if len(serie.known) == 1:
        what = "année" if len(last["periode"]) == 4 else "période"
        return f"Une seule {what} est connue : aucune évolution n’est calculée."
    return ""
