"""The distance to the objective in one French sentence, named for what it is: adopted, national, or a working one.

Not here: where the objective comes from in full (`views_state`), any computing of a gap: the state's own figures,
rounded as they are shown, are subtracted so that a reader finds the same amount.
"""

from __future__ import annotations

from typing import Any

from flows.publishing.evolution import unit_of_change
from flows.publishing.figures import CUMULATIVE_FORMS, Indicator, Row, Serie
from flows.publishing.numbers import in_period, rounded, with_unit


def sentence(indicator: Indicator, serie: Serie) -> str:
    """Distance to the adopted trajectory, from `fct_status`, for the indicator's own territory only."""
    status = indicator.status
    if status is None or (serie.niveau, serie.code) != indicator.own or not status["trajectoire"]:
        return ""
    if status["valeur"] is None or status["attendu"] is None or not status["periode"]:
        return ""
    decimals, unit = int(indicator.meta["decimales"] or 0), str(indicator.meta["unite_courte"])
    # From the figures as they are shown, so that a reader who subtracts finds the same amount.
    gap = float(rounded(status["valeur"], decimals) - rounded(status["attendu"], decimals))
    expected = with_unit(status["attendu"], unit, decimals)
    when = in_period(status["periode"])
    cumul = indicator.decision is not None and indicator.decision["forme"] in CUMULATIVE_FORMS
    subject = f"Le cumul ({with_unit(status['valeur'], unit, decimals)})" if cumul else "Le chiffre"
    reference = _reference(indicator.decision or {}, cumul)
    if gap == 0:
        return f"{subject} est exactement celui {reference} : {expected} {when}."
    amount = with_unit(abs(gap), unit_of_change(indicator), decimals, trim=True)
    side = "au-dessus" if gap > 0 else "au-dessous"
    verb = "fixe" if cumul else "donne"
    text = f"{subject} est {amount} {side} {reference}, qui {verb} {expected} {when}"
    return f"{text}{_delay(status, cumul)}."


def _reference(decision: Row, cumul: bool) -> str:
    """What the figure is compared with, after « de »: only what was adopted for the territory is called adopted."""
    what = "du plafond" if cumul else "de la trajectoire"
    if is_national(decision):
        base, target = decision["base_valeur"], decision["cible_valeur"]
        half = bool(base and target is not None and rounded(target / base, 3) * 2 == 1)
        rule = "la moitié nationale" if half else "l’obligation nationale"
        return f"{what} de référence ({rule}, appliquée ici sans répartition)"
    if str(decision.get("origine_statut") or "").startswith("hypothese"):
        return f"{what} de travail, non adopté{'' if cumul else 'e'}"
    return f"{what} adopté{'' if cumul else 'e'}"


def is_national(decision: Row) -> bool:
    """Is the objective one of the whole country, which a document only recalls?"""
    return decision.get("origine_territoire") in ("F", "FM")


def _delay(status: dict[str, Any], cumul: bool) -> str:
    years = status["retard_trajectoire"]
    if years is None or rounded(years, 1) == 0:
        return ""
    amount = with_unit(abs(years), "ans", 1, trim=True)
    if cumul:  # « late » means nothing for a total that grows too fast
        if years > 0:
            return f", un niveau que ce plafond ne prévoyait que {amount} plus tard"
        return f", un niveau que ce plafond prévoyait {amount} plus tôt"
    return f", soit {amount} {'de retard' if years > 0 else 'd’avance'}"
