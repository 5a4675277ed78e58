"""Why nobody is written to about a figure: provisional, lost, late, under review, or on a break of series.

Not here: which change would be worth a message (flows.alerts.machine). Rule: US-30 A4. Each reason is a French text
for the alert log, and lifts by itself when the figure settles.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flows.alerts.judged import judged_figures
from flows.core.periods import decimal_year
from flows.core.tables import Release
from flows.core.words import Resultat, Statut

# States that rest on final years, whatever the newest provisional figure says beside them: two years beyond the
# margin, or a final one and the provisional one within it. Provisional for ever at the newest year (land consumption
# is), such an indicator would else never be told.
SETTLED = ("deux_annees", "dans_la_marge", "mieux_que_la_marge", "decision")


class Reasons:
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
        unsettled = figure is not None and figure["statut"] in (Statut.PROVISOIRE, Statut.ESTIME)
        if unsettled and status["raison"] not in SETTLED:
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
