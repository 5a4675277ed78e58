"""Which status changes are worth a message, and why the others are not: the rule, without words or people.

Not here: computing a status (dbt), who is written to (flows.alerts.recipients). Method: trajectory-methods §12
point 6 and US-30 A4. Leads are written to only when an indicator enters or leaves `derive` or reaches `atteint`; a
change kept back for a reason that may lift (figure provisional, late, under review) is held and looked at again with
the next release, so that keeping back is not losing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.alerts.judged import judged_figures
from flows.core.periods import decimal_year
from flows.core.tables import Release
from flows.core.words import Etat, Resultat, Statut

ENTERS, LEAVES, REACHES = "entree_derive", "sortie_derive", "atteint"
# What "leaving derive" means: back to a state that was judged. Towards `non_evaluable` nothing is known any more.
_JUDGED = (Etat.SUR_TRAJECTOIRE, Etat.EN_AVANCE, Etat.A_SURVEILLER, Etat.ATTEINT)


@dataclass(frozen=True)
class Held:
    """A change kept back earlier: `raison` is the French reason recorded then."""

    indicateur: str
    etat_avant: str
    etat_apres: str
    raison: str = ""


@dataclass(frozen=True)
class Change:
    """A change to tell: its kind, and the row of `fct_status` it is about."""

    kind: str
    indicateur: str
    etat_avant: str
    etat_apres: str
    status: Mapping[str, Any]


@dataclass(frozen=True)
class NotSent:
    """A change not told, with the French reason; `hold` when it must be looked at again with the next release."""

    indicateur: str
    etat_avant: str
    etat_apres: str
    raison: str
    hold: bool = False


def select_changes(release: Release, held: Sequence[Held] = ()) -> tuple[list[Change], list[NotSent]]:
    """Split the status changes of a release (and those held before) into told and not told, by indicator id.

    A release whose changes are marked `premiere` tells none: its recipients get the opening message.
    """
    status = {row["indicateur"]: row for row in release.table("fct_status").to_pylist()}
    moves: dict[str, tuple[str, str]] = {}
    # What the recipient was last told, not what the page last said: leaving a drift that was never told is no news.
    told_before = {item.indicateur: item.etat_avant for item in held}
    for item in held:
        now = status.get(item.indicateur)
        if now and now["etat"] == item.etat_apres:
            moves[item.indicateur] = (item.etat_avant, item.etat_apres)
    for row in release.table("fct_status_change").to_pylist():
        if not row["premiere"]:
            before = told_before.get(row["indicateur"], row["etat_avant"] or "")
            moves[row["indicateur"]] = (before, row["etat_apres"])
    told: list[Change] = []
    kept: list[NotSent] = []
    reasons = _Reasons(release)
    for slug, (before, after) in sorted(moves.items()):
        kind = kind_of(before, after)
        row = status.get(slug)
        if kind is None:
            kept.append(NotSent(slug, before, after, _why_no_mail(before, after)))
        elif row is None:
            kept.append(NotSent(slug, before, after, "l’indicateur n’a plus d’état dans cette publication"))
        elif not row["trajectoire"]:
            kept.append(NotSent(slug, before, after, "aucune trajectoire n’est fixée"))
        elif reason := reasons.against(row):
            kept.append(NotSent(slug, before, after, reason, hold=True))
        else:
            told.append(Change(kind, slug, before, after, row))
    return told, kept


def kind_of(before: str, after: str) -> str | None:
    """Kind of message for a change of state, None when it is for the page and the steward only."""
    if after == before:
        return None
    if after == Etat.DERIVE:
        return ENTERS
    if after == Etat.ATTEINT:
        return REACHES
    if before == Etat.DERIVE and after in _JUDGED:
        return LEAVES
    return None


def _why_no_mail(before: str, after: str) -> str:
    if before == Etat.DERIVE:
        return "l’état n’est plus évaluable : aucun retour sur la trajectoire ne peut être annoncé"
    if after == Etat.A_SURVEILLER:
        return "un état « à surveiller » se lit sur la page et ne donne pas de courriel"
    return "ce changement d’état se lit sur la page et ne donne pas de courriel"


class _Reasons:
    """Reasons to keep a change back, from the tables of the release, each read once."""

    def __init__(self, release: Release) -> None:
        self._figures = judged_figures(release)
        self._trajectories = {row["trajectoire"]: row for row in release.table("dim_trajectory").to_pylist()}
        self._breaks: dict[str, list[str]] = {}
        for row in release.table("dim_rupture").to_pylist():
            self._breaks.setdefault(row["indicateur"], []).append(row["periode"])
        failing = (Resultat.A_REVOIR, Resultat.BLOQUANT, Resultat.ERREUR)
        self._checks = [row for row in release.table("fct_check").to_pylist() if row["resultat"] in failing]

    def against(self, status: Mapping[str, Any]) -> str:
        """The first reason not to tell the state of this row, "" when none."""
        slug = status["indicateur"]
        figure = self._figures.get(slug)
        if figure is None and status["valeur"] is None:
            return "l’état n’a pas de chiffre"
        if figure and figure["statut"] in (Statut.PROVISOIRE, Statut.ESTIME):
            return "le dernier chiffre est provisoire"
        if figure and figure["statut"] in (Statut.SECRET, Statut.MANQUANT):
            return "le dernier chiffre n’est pas connu"
        if figure and figure["perime_depuis"]:
            return f"la source n’a pas pu être relue depuis le {figure['perime_depuis']:%d/%m/%Y}"
        if status["a_actualiser"]:
            return "une mise à jour du chiffre est attendue et n’est pas arrivée"
        if rule := self._failed_check(slug, figure):
            return f"un contrôle attend une décision ({rule})"
        if broken := self._break(status):
            return f"la série est interrompue en {broken} : les deux côtés ne se comparent pas"
        return ""

    def _failed_check(self, slug: str, figure: Mapping[str, Any] | None) -> str:
        editions = set((figure or {}).get("editions") or ())
        for check in self._checks:
            if check["portee"] == "candidat":
                # A rule on the candidate concerns the indicators of its offending rows, not all of them.
                named = {row.get("indicateur") for row in json.loads(check["exemples"] or "[]")}
                concerned = slug in named or slug in (check["indicateurs"] or ())
            else:
                concerned = slug in (check["indicateurs"] or ()) and check["edition"] in editions
            if concerned:
                return str(check["regle"])
        return ""

    def _break(self, status: Mapping[str, Any]) -> str:
        """Period of a break between the start of the trajectory and the figure judged, "" when none."""
        if status["annee"] is None:
            return ""
        trajectory = self._trajectories.get(status["trajectoire"]) or {}
        base = trajectory.get("base_annee")
        # Without a base year, the two years that are judged must lie on one side.
        start = base if base is not None else status["annee"] - 1
        for period in sorted(self._breaks.get(status["indicateur"], [])):
            if start < decimal_year(period) <= status["annee"]:
                return period
        return ""
