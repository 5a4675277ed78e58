"""Small pieces of French that facts and opening messages share: a figure with its marks, a gap, a state.

Not here: which figure (flows.alerts.judged) and layout (templates). Labels of states, statuses and origins are handed
over: they are those of the site (`site/words.yml`), so that a page and a message never name one thing twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from flows.alerts.mime import one_line
from flows.alerts.render import number, quantity
from flows.core.periods import end_of, in_french
from flows.core.words import Nature, Statut

Row = Mapping[str, Any]
NO_STATE = "aucun état publié"
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


def lower_first(text: str) -> str:
    """« À surveiller » → « à surveiller », for a label put inside a sentence."""
    return text[:1].lower() + text[1:]


def sentence(text: str, limit: int = 300) -> str:
    """One line ending in exactly one full stop, whatever a steward wrote; "" stays ""."""
    bare = one_line(text, limit).rstrip(" .")
    return f"{bare}." if bare and bare[-1] not in "!?…" else bare


def day_words(day: dt.date) -> str:
    """« 20 novembre 2026 », « 1er juin 2026 »."""
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def state_words(etat: str | None, raison: str | None, site: Mapping[str, Any]) -> str:
    """The site's label of a state, in lower case; the reason's own label where the site has one."""
    if not etat:
        return NO_STATE
    return lower_first(site["etats_raisons"].get(raison or "") or site["etats"][etat])


def period_words(indicator: Row, periode: str, until: dt.date | None = None) -> str:
    """A period as this indicator says it: « 2024 », « 12 mois au 31 juillet 2026 » (`periode_phrase` of its yml).

    Args:
        until: last day counted, when the period is not over: « du 1er janvier au 19 novembre 2026 ».
    """
    last = until or end_of(periode)
    shape = indicator.get("periode_phrase") or ""
    if shape:
        return lower_first(shape.replace("{fin}", day_words(last)).replace("{periode}", in_french(periode)))
    if len(periode) == 4 and last < end_of(periode):
        return f"du 1er janvier au {day_words(last)}"
    return in_french(periode)


def unit_of(indicator: Row, figure: Row | None) -> str:
    """Short unit of the figure: that of its breakdown when the indicator declares one."""
    own = _labels(indicator["ventilation_unites"]).get((figure or {}).get("ventilation") or "")
    return str(own or indicator["unite_courte"] or indicator["unite"])


def precision(indicator: Row, figure: Row | None) -> str:
    """Label of the breakdown that is judged (« cumul depuis le 1er janvier 2021 »), "" for the total."""
    name = (figure or {}).get("ventilation") or ""
    label = _labels(indicator["ventilations"]).get(name, name.replace("_", " "))
    return lower_first(one_line(label, 120)) if name else ""


def _labels(listed: Iterable[str] | None) -> dict[str, str]:
    """A list of « id: label » as `dim_indicator` holds it, by id."""
    return dict(item.partition(": ")[::2] for item in listed or ())


def is_floor(figure: Row | None) -> bool:
    """Is the figure a least value (secret cells not counted)? Told by its note, or by a lower bound without upper."""
    if figure is None or figure["borne_haute"] is not None:
        return False
    bounded = figure["borne_basse"] is not None and figure["borne_basse"] == figure["valeur"]
    return bounded or "plancher" in str(figure["note"] or "").lower()


def figure_words(indicator: Row, status: Row, figure: Row | None, nuit: dt.date, site: Mapping[str, Any]) -> str:
    """The judged figure with everything a reader needs not to misread it.

    « au moins 161,6 GWh (12 mois au 31 juillet 2026, estimé) », « 116,82 ha, cumul depuis le 1er janvier 2021 (2024,
    provisoire) »; "" when there is no value. A simulated figure is marked apart, by the template.
    """
    if status["valeur"] is None:
        return ""
    text = quantity(status["valeur"], int(indicator["decimales"] or 0), unit_of(indicator, figure))
    if is_floor(figure):
        text = f"au moins {text}"
    if detail := precision(indicator, figure):
        text += f", {detail}"
    periode, until = status["periode"], (figure or {}).get("jusqu_au")
    marks = [period_words(indicator, periode, until)] if periode else []
    if periode and len(periode) == 4 and not until and end_of(periode) > nuit:
        marks.append("année en cours")
    if figure and figure["statut"] in (Statut.PROVISOIRE, Statut.ESTIME):
        marks.append(site["statuts"][figure["statut"]])
    if status["a_actualiser"]:
        marks.append(site["a_actualiser"])
    return f"{text} ({', '.join(marks)})" if marks else text


def is_simulated(figure: Row | None) -> bool:
    """Was the figure made up for the demonstration?"""
    return bool(figure) and figure["nature"] == Nature.SIMULE  # type: ignore[index]


def gap_words(status: Row, decimals: int, unit: str) -> dict[str, str]:
    """`attendu`, `ecart` and `ecart_part` (the gap in per cent of the expected value) in words, "" when unknown."""
    expected, gap = status["attendu"], status["ecart"]
    if gap is None and expected is not None and status["valeur"] is not None:
        gap = status["valeur"] - expected
    return {
        "attendu": quantity(expected, decimals, unit) if expected is not None else "",
        "ecart": _signed(gap, decimals, unit) if gap is not None else "",
        "ecart_part": _share(gap, expected),
    }


def delay_words(years: float | None, forme: str) -> str:
    """Years behind (positive) or ahead of the adopted trajectory, in words; a ceiling is filled, not followed."""
    if years is None:
        return ""
    size = abs(years)
    if round(size, 1) == 0:
        return "aucun retard"
    words = f"{number(size, 1)}\u00a0an{'s' if size >= 2 else ''}"
    if forme in ("budget_cumule", "division"):
        if years > 0:
            return f"un niveau que ce plafond ne prévoyait que {words} plus tard"
        return f"un niveau que ce plafond permettait {words} plus tôt"
    return f"{words} de retard" if years > 0 else f"{words} d’avance"


def answer_words(alert: Row) -> str:
    """The newest answer to an alert in one sentence or two, "" when nobody answered."""
    if not alert.get("reponse_le"):
        return ""
    parts = [f"Réponse du {day_words(alert['reponse_le'])} ({one_line(alert['reponse_par'], 80)})."]
    if alert["reponse_cause"]:
        parts.append(f"Cause : {sentence(alert['reponse_cause'])}")
    if alert["reponse_action"]:
        until = f" (échéance : {day_words(alert['reponse_echeance'])})" if alert["reponse_echeance"] else ""
        parts.append(f"Action : {sentence(alert['reponse_action']).rstrip('.')}{until}.")
    return " ".join(parts)


def _signed(value: float, decimals: int, unit: str) -> str:
    """A gap with its sign; between two percentages it is counted in points, not in per cent."""
    if unit.startswith("%"):
        unit = "points" if abs(round(value, decimals)) >= 2 else "point"
    text = quantity(value, decimals, unit)
    return text if value < 0 else f"+{text}"


def _share(gap: float | None, expected: float | None) -> str:
    """The gap in per cent of the expected value; nothing when that value is zero."""
    if gap is None or not expected:
        return ""
    share = 100 * gap / abs(expected)
    return f"{'+' if share >= 0 else ''}{number(share, 1)}\u00a0%"
