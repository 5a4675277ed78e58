"""The facts of a message in French: figures, gap, trajectory with its origin, source and licence, what is asked.

Not here: layout (templates), recipients, opening messages (flows.alerts.opening). Every text that comes from a table
is cut to a length a reader bears, so that no yml or steward's cell can make a message of a megabyte.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc

from flows.alerts.changes import ENTERS, LEAVES, REACHES, Change
from flows.alerts.judged import judged_figures
from flows.alerts.mime import one_line
from flows.alerts.render import quantity
from flows.alerts.wording import (
    day_words,
    delay_words,
    figure_words,
    gap_words,
    is_simulated,
    lower_first,
    sentence,
    state_words,
    unit_of,
)
from flows.core.tables import Release
from flows.core.words import Niveau

OBJECTS = {
    ENTERS: "écart à la trajectoire",
    LEAVES: "retour vers la trajectoire",
    REACHES: "objectif atteint",
}
ASKED = {
    ENTERS: "Regarder, avec les services concernés, ce qui explique cet écart, et proposer s’il y a lieu une action "
    "de correction. Une analyse de quelques lignes suffit : elle peut être adressée au 2P2T, qui la joindra à "
    "l’alerte. Si le chiffre ou la trajectoire vous paraît inexact, dites-le de la même façon.",
    LEAVES: "Rien d’urgent : ce message clôt l’alerte précédente. Si une action a porté ses fruits, dites-le au 2P2T "
    "en quelques lignes, pour que d’autres puissent s’en inspirer.",
    REACHES: "Rien d’urgent : dire au 2P2T ce qui a permis ce résultat, et s’il faut fixer une étape suivante.",
}
CEILING = "budget_cumule"
_CUT = 600


@dataclass(frozen=True)
class Facts:
    """Rows of a release that messages read, indexed once. `site` holds the words of the site that messages reuse."""

    indicators: dict[str, Mapping[str, Any]]
    statuses: dict[str, Mapping[str, Any]]
    base_url: str
    nuit: dt.date
    site: Mapping[str, Any]
    _territories: dict[tuple[str, str], str] = field(repr=False)
    _trajectories: dict[str, Mapping[str, Any]] = field(repr=False)
    _figures: dict[str, Mapping[str, Any]] = field(repr=False)
    _datasets: dict[str, Mapping[str, Any]] = field(repr=False)
    _in_communes: frozenset[str] = field(repr=False)

    @classmethod
    def of(cls, release: Release, base_url: str, site: Mapping[str, Any]) -> Facts:
        """Index a release. `site`: the words of `site/words.yml`, see `flows.alerts.compose.compose`."""
        figures = release.table("fct_observation")
        known = pc.and_(pc.equal(figures["territoire_niveau"], Niveau.COMMUNE), pc.is_valid(figures["valeur"]))
        return cls(
            indicators={row["indicateur"]: row for row in release.table("dim_indicator").to_pylist()},
            statuses={row["indicateur"]: row for row in release.table("fct_status").to_pylist()},
            base_url=base_url,
            nuit=dt.date.fromisoformat(release.nuit),
            site=site,
            _territories={(r["niveau"], r["code"]): r["nom"] for r in release.table("dim_territory").to_pylist()},
            _trajectories={r["trajectoire"]: r for r in release.table("dim_trajectory").to_pylist()},
            _figures=judged_figures(release),
            _datasets={r["jeu"]: r for r in release.table("dim_dataset").to_pylist()},
            _in_communes=frozenset(figures.filter(known)["indicateur"].unique().to_pylist()),
        )

    @property
    def night_words(self) -> str:
        return day_words(self.nuit)

    def link(self, slug: str) -> str:
        """Public address of an indicator's page (`-` for `_`, as everywhere on the site)."""
        return f"{self.base_url}indicateurs/{slug.replace('_', '-')}/"

    def figure(self, slug: str) -> Mapping[str, Any] | None:
        """The row of `fct_observation` that the status of an indicator judges."""
        return self._figures.get(slug)

    def only_in_communes(self, slug: str) -> bool:
        """Are there figures of communes, and none of the indicator's own territory?"""
        return slug in self._in_communes and slug not in self._figures

    def territory(self, status: Mapping[str, Any]) -> str:
        """Name of the territory that a status is about."""
        key = (status["territoire_niveau"], status["territoire_code"])
        return one_line(self._territories.get(key, status["territoire_code"]), 100)

    def source(self, slug: str) -> str:
        """Publisher and dataset of the judged figure, else of the datasets that the indicator reads."""
        return one_line((self.figure(slug) or {}).get("source") or self._sources(self.indicators[slug]), 300)

    def forme(self, status: Mapping[str, Any]) -> str:
        """Form of the trajectory that a status judges, "" without one."""
        return str((self._trajectories.get(status["trajectoire"]) or {}).get("forme") or "")

    def change(self, change: Change) -> dict[str, Any]:
        """Everything US-30 A2 asks of one change, as texts."""
        indicator, status = self.indicators[change.indicateur], change.status
        figure = self.figure(change.indicateur)
        decimals, unit = int(indicator["decimales"] or 0), unit_of(indicator, figure)
        return {
            "indicateur": change.indicateur,
            "ordre": indicator["ordre"] or 0,
            "titre": one_line(indicator["titre"]),
            "titre_court": one_line(indicator["titre_court"] or indicator["titre"], 80),
            "genre": change.kind,
            "objet": OBJECTS[change.kind],
            "etat_avant": state_words(change.etat_avant, "", self.site),
            "etat_apres": state_words(change.etat_apres, status["raison"], self.site),
            "territoire": self.territory(status),
            "chiffre": figure_words(indicator, status, figure, self.nuit, self.site) or "non connu",
            **gap_words(status, decimals, unit),
            "retard": delay_words(status["retard_trajectoire"], self.forme(status)),
            "trajectoire": self._trajectory(status, decimals, unit),
            "source": self.source(change.indicateur),
            "licence": one_line((figure or {}).get("licence") or self._licences(indicator), 200),
            "simule": is_simulated(figure),
            "lien": self.link(change.indicateur),
            "demande": ASKED[change.kind],
        }

    def _trajectory(self, status: Mapping[str, Any], decimals: int, unit: str) -> dict[str, str]:
        row = self._trajectories.get(status["trajectoire"]) or {}
        # A document that recalls a rule of the whole country adopts nothing for the territory.
        national = row.get("origine_territoire") in ("F", "FM")
        told = "nationale" if national else row.get("origine_statut") or ""
        document = row.get("origine_document") or ""
        where = one_line(self.site["documents"].get(document, document), 200)
        if row.get("origine_ligne"):
            where += f", ligne {one_line(row['origine_ligne'], 20)}"
        return {
            "resume": _course(row, decimals, unit),
            "origine": where,
            "statut": lower_first(self.site["origines"].get(told, told.replace("_", " "))).rstrip("."),
            "citation": one_line(row.get("citation") or "", _CUT),
            "manque": sentence(lower_first(row.get("manque") or "")),
        }

    def _sources(self, indicator: Mapping[str, Any]) -> str:
        rows = [self._datasets[jeu] for jeu in indicator["jeux"] or () if jeu in self._datasets]
        return ", ".join(f"{row['editeur']}, {row['titre']}" for row in rows)

    def _licences(self, indicator: Mapping[str, Any]) -> str:
        names = [self._datasets[jeu]["licence_nom"] for jeu in indicator["jeux"] or () if jeu in self._datasets]
        return ", ".join(dict.fromkeys(names))


def _course(row: Mapping[str, Any], decimals: int, unit: str) -> str:
    """What a trajectory asks, in whole sentences.

    A ceiling starts from nothing whatever its `base_valeur`, the quantity it was computed from: « from 379 ha to
    190 ha » would tell a fall that nobody asks for.
    """
    base, start = row.get("base_valeur"), row.get("base_annee")
    target, year = row.get("cible_valeur"), row.get("cible_annee")
    parts = []
    if row.get("forme") == CEILING:
        if target is not None:
            end = f", fin {int(year)}" if year is not None else ""
            parts.append(f"Plafond : {quantity(target, decimals, unit)}{end}.")
        if base:
            parts.append(f"Base de calcul : {quantity(base, decimals, unit)}.")
    elif base is not None and start is not None and target is not None:
        end = f" en {int(year)}" if year is not None else ", sans échéance"
        first = f"{quantity(base, decimals, unit)} en {int(start)}"
        parts.append(f"Elle va de {first} à {quantity(target, decimals, unit)}{end}.")
    elif target is not None:
        end = f" en {int(year)}" if year is not None else ", sans échéance"
        parts.append(f"Cible : {quantity(target, decimals, unit)}{end}.")
    if note := sentence(row.get("base_note") or ""):
        parts.append(note)
    return " ".join(parts)
