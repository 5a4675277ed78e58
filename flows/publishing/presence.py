"""What an indicator has to show: figures, simulated ones, those of the communes only, or what is awaited instead.

Not here: the state against an objective (`fct_status`), nor any wording but the two sentences of what is awaited.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.core.words import Nature, Statut
from flows.publishing.figures import Indicator, Row
from flows.publishing.grammar import at_start

FIGURES, SIMULATED, COMMUNES = "chiffres", "simule", "communes_seules"
DEPOSIT, SOURCE, NONE = "saisie_attendue", "source_a_confirmer", "non_calcule"
# The order in which pages count them: what is known first.
ORDER = (FIGURES, SIMULATED, COMMUNES, DEPOSIT, SOURCE, NONE)


def presence(meta: Mapping[str, Any], newest: Row | None, communes: bool) -> str:
    """One of `ORDER`.

    Args:
        meta: its row of `dim_indicator`. newest: the newest figure of its own territory that is not missing (a secret
            one exists). communes: does at least one commune have a figure?
    """
    if newest is not None:
        return SIMULATED if newest["nature"] == Nature.SIMULE else FIGURES
    if communes:
        return COMMUNES
    if awaits_deposit(meta):
        return DEPOSIT
    return SOURCE if meta["attente"] == "source" else NONE


def presence_of(indicator: Indicator) -> str:
    """The same from the figures of an indicator."""
    own = [row for row in indicator.serie(*indicator.own).rows if row["statut"] != Statut.MANQUANT]
    return presence(indicator.meta, own[-1] if own else None, bool(indicator.figures.counts("commune")))


def awaits_deposit(meta: Mapping[str, Any]) -> bool:
    """Is a deposit of a service what is missing when an indicator has no figure?"""
    return meta["attente"] == "saisie" or bool(meta["calcule"] and meta["saisie"] == "oui")


def deposit_sentence(meta: Mapping[str, Any]) -> str:
    """« Saisie attendue », and of whom."""
    return f"Saisie attendue : ce chiffre n’a pas encore été déposé. Service qui dépose : {meta['service']}."


def source_sentence(meta: Mapping[str, Any]) -> str:
    """« Source à confirmer », and what is missing."""
    reason = at_start(str(meta["raison"] or "").strip())
    return f"Source à confirmer. {reason}".strip()
