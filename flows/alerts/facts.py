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

from flows.alerts.judged import judged_figures
from flows.alerts.machine import ENTERS, LEAVES, REACHES, REMINDS
from flows.alerts.mime import one_line
from flows.alerts.render import quantity
from flows.alerts.wording import (
    answer_words,
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
    REMINDS: "rappel d’un écart à la trajectoire",
}
ASKED = {
    ENTERS: "Regarder, avec les services concernés, ce qui explique cet écart, et proposer s’il y a lieu une action "
    "de correction. Une analyse de quelques lignes suffit : elle peut être adressée au 2P2T, qui la joindra à "
    "l’alerte. Si le chiffre ou la trajectoire vous paraît inexact, dites-le de la même façon.",
    LEAVES: "Rien d’urgent : ce message clôt l’alerte précédente. Si une action a porté ses fruits, dites-le au 2P2T "
    "en quelques lignes, pour que d’autres puissent s’en inspirer.",
    REACHES: "Rien d’urgent : dire au 2P2T ce qui a permis ce résultat, et s’il faut fixer une étape suivante.",
    REMINDS: "Dire où en est l’analyse de cet écart, ou l’action engagée. Une ligne suffit.",
}
CAUSES = {
    "nouvelle_periode": "une nouvelle période est parue.",
    "consolidation": "un chiffre provisoire est devenu définitif.",
    "decision": "une décision datée de l’intendant de la donnée.",
    "revision": "le producteur a révisé un chiffre déjà paru.",
    "methode": "la méthode de calcul a changé.",
    "trajectoire": "la trajectoire a été modifiée.",
    "echeance": "le temps écoulé : aucun chiffre n’a changé.",
    "premiere_publication": "l’état constaté à la première publication.",
}
CEILINGS = ("budget_cumule", "division")
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
    _catalogue: dict[str, Mapping[str, Any]] = field(repr=False)

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
            _in_communes=frozenset(figures["indicateur"].filter(known).unique().to_pylist()),
            _catalogue={r["id"]: r for r in release.table("dim_engagement").to_pylist()},
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

    def event(self, event: Mapping[str, Any], alert: Mapping[str, Any]) -> dict[str, Any]:
        """Everything US-30 A2 asks of one event of the alert log, as texts; `alert` is its row of `fct_alert`."""
        slug, kind = event["indicateur"], event["evenement"]
        indicator, status = self.indicators[slug], self.statuses[slug]
        figure = self.figure(slug)
        decimals, unit = int(indicator["decimales"] or 0), unit_of(indicator, figure)
        shown = figure_words(indicator, status, figure, self.nuit, self.site) or "non connu"
        gap = gap_words(status, decimals, unit)
        curve = f"Courbe de l’indicateur et de sa trajectoire. Dernier chiffre : {shown}."
        if gap["attendu"]:
            curve += f" Attendu la même année : {gap['attendu']}."
        return {
            "indicateur": slug,
            "alerte": event["alerte"],
            "cle": event["cle"],
            "ordre": indicator["ordre"] or 0,
            "titre": one_line(indicator["titre"]),
            "titre_court": one_line(indicator["titre_court"] or indicator["titre"], 80),
            "genre": kind,
            "objet": OBJECTS[kind],
            "etat_avant": state_words(event["etat_avant"], "", self.site),
            "etat_apres": state_words(event["etat_apres"], status["raison"], self.site),
            "cause": CAUSES.get(event["cause"], ""),
            "pourquoi": one_line(status["raison_texte"] or "", _CUT),
            "depuis": day_words(alert["ouverte"]) if alert.get("ouverte") else "",
            "reponse": answer_words(alert),
            "territoire": self.territory(status),
            "chiffre": shown,
            "courbe": curve,
            **gap,
            "retard": delay_words(status["retard_trajectoire"], self.forme(status)),
            "trajectoire": self._trajectory(status, decimals, unit),
            "source": self.source(slug),
            "licence": one_line((figure or {}).get("licence") or self._licences(indicator), 200),
            "simule": is_simulated(figure),
            "lien": self.link(slug),
            "demande": ASKED[kind],
        }

    def documents(self, slug: str) -> list[dict[str, str]]:
        """What the documents say of an indicator without objective: `citation`, `origine`, `manque`."""
        rows = [row for row in self._trajectories.values() if row["indicateur"] == slug and row["citation"]]
        if rows:
            row = sorted(rows, key=lambda r: r["trajectoire"])[-1]
            told = self._trajectory({"trajectoire": row["trajectoire"]}, 0, "")
            return [{name: told[name] for name in ("citation", "origine", "manque")}]
        found = []
        for ident in self.indicators[slug]["sert"] or ():
            entry = self._catalogue.get(ident)
            if entry and entry["citation"]:
                document, _, line = entry["source"].partition(":")
                where = one_line(self.site["documents"].get(document, document), 200)
                where += f", ligne {line}" if line else ""
                found.append({"citation": bare_quote(entry["citation"]), "origine": where, "manque": ""})
        return found[:2]

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
            "citation": bare_quote(row.get("citation") or ""),
            "manque": sentence(lower_first(row.get("manque") or "")),
        }

    def _sources(self, indicator: Mapping[str, Any]) -> str:
        rows = [self._datasets[jeu] for jeu in indicator["jeux"] or () if jeu in self._datasets]
        return ", ".join(f"{row['editeur']}, {row['titre']}" for row in rows)

    def _licences(self, indicator: Mapping[str, Any]) -> str:
        names = [self._datasets[jeu]["licence_nom"] for jeu in indicator["jeux"] or () if jeu in self._datasets]
        return ", ".join(dict.fromkeys(names))


def bare_quote(text: str) -> str:
    """A quote without the marks that the document, or a steward, put around it: the template writes them."""
    bare = one_line(text, _CUT)
    return bare.strip("«»\u00a0\u202f ") if bare.count("«") == bare.count("»") == 1 and bare[0] == "«" else bare


def _course(row: Mapping[str, Any], decimals: int, unit: str) -> str:
    """What a trajectory asks, in whole sentences.

    A ceiling starts from nothing whatever its `base_valeur`, the quantity it was computed from: « from 379 ha to
    190 ha » would tell a fall that nobody asks for.
    """
    base, start = row.get("base_valeur"), row.get("base_annee")
    target, year = row.get("cible_valeur"), row.get("cible_annee")
    parts = []
    if row.get("forme") in CEILINGS:
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
