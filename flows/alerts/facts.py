"""The facts of a message in French: figures, gap, trajectory with its origin, source and licence, what is asked.

Not here: layout (templates) and recipients. Every text that comes from a table is cut to a length a reader bears, so
that no yml or steward's cell can make a message of a megabyte.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.alerts.changes import ENTERS, LEAVES, REACHES, Change
from flows.alerts.mime import one_line
from flows.alerts.render import number, quantity
from flows.core.periods import in_french
from flows.core.tables import Release
from flows.core.words import Etat, Nature

STATES = {
    Etat.ATTEINT: "objectif atteint",
    Etat.EN_AVANCE: "en avance sur la trajectoire",
    Etat.SUR_TRAJECTOIRE: "sur la trajectoire",
    Etat.A_SURVEILLER: "à surveiller",
    Etat.DERIVE: "écarté de la trajectoire",
    Etat.NON_EVALUABLE: "non évaluable",
    Etat.TRAJECTOIRE_A_FIXER: "trajectoire à fixer",
    Etat.SANS_OBJET: "sans objet",
}
# States that say where the indicator stands; the others say that nothing is known yet.
OPENING_STATES = (Etat.ATTEINT, Etat.EN_AVANCE, Etat.SUR_TRAJECTOIRE, Etat.A_SURVEILLER, Etat.DERIVE)
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
ORIGINS = {
    "document": "écrite dans un document",
    "document_incomplet": "écrite dans un document, incomplètement",
    "deliberation": "fixée par délibération",
    "decision": "fixée par une décision",
    "hypothese": "hypothèse de travail, non adoptée",
    "hypothese_de_travail": "hypothèse de travail, non adoptée",
    "obligation_legale": "obligation légale",
}
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_CUT = 600


@dataclass(frozen=True)
class Facts:
    """Rows of a release that messages read, indexed once."""

    indicators: dict[str, Mapping[str, Any]]
    statuses: dict[str, Mapping[str, Any]]
    base_url: str
    nuit: dt.date
    documents: Mapping[str, str]
    _territories: dict[tuple[str, str], str] = field(repr=False)
    _trajectories: dict[str, Mapping[str, Any]] = field(repr=False)
    _figures: dict[tuple[str, str, str, str], Mapping[str, Any]] = field(repr=False)
    _datasets: dict[str, Mapping[str, Any]] = field(repr=False)

    @classmethod
    def of(cls, release: Release, base_url: str, documents: Mapping[str, str]) -> Facts:
        """Index a release. `documents`: reference of a source document → its French title."""
        statuses = {row["indicateur"]: row for row in release.table("fct_status").to_pylist()}
        wanted = {
            (slug, row["territoire_niveau"], row["territoire_code"], row["periode"]) for slug, row in statuses.items()
        }
        figures = {}
        for row in release.table("fct_observation").to_pylist():
            key = (row["indicateur"], row["territoire_niveau"], row["territoire_code"], row["periode"])
            if row["ventilation"] == "" and key in wanted:
                figures[key] = row
        return cls(
            indicators={row["indicateur"]: row for row in release.table("dim_indicator").to_pylist()},
            statuses=statuses,
            base_url=base_url,
            nuit=dt.date.fromisoformat(release.nuit),
            documents=dict(documents),
            _territories={(r["niveau"], r["code"]): r["nom"] for r in release.table("dim_territory").to_pylist()},
            _trajectories={r["trajectoire"]: r for r in release.table("dim_trajectory").to_pylist()},
            _figures=figures,
            _datasets={r["jeu"]: r for r in release.table("dim_dataset").to_pylist()},
        )

    @property
    def night_words(self) -> str:
        return day_words(self.nuit)

    def link(self, slug: str) -> str:
        """Public address of an indicator's page (`-` for `_`, as everywhere on the site)."""
        return f"{self.base_url}indicateurs/{slug.replace('_', '-')}/"

    def change(self, change: Change) -> dict[str, Any]:
        """Everything US-30 A2 asks of one change, as texts."""
        indicator, status = self.indicators[change.indicateur], change.status
        decimals, unit = int(indicator["decimales"] or 0), indicator["unite_courte"] or indicator["unite"]
        figure = self._figure(status)
        expected, gap = status["attendu"], status["ecart"]
        if gap is None and expected is not None and status["valeur"] is not None:
            gap = status["valeur"] - expected
        return {
            "indicateur": change.indicateur,
            "ordre": indicator["ordre"] or 0,
            "titre": one_line(indicator["titre"]),
            "titre_court": one_line(indicator["titre_court"] or indicator["titre"], 80),
            "genre": change.kind,
            "objet": OBJECTS[change.kind],
            "etat_avant": STATES.get(change.etat_avant, "aucun état publié"),  # type: ignore[call-overload]
            "etat_apres": STATES[Etat(change.etat_apres)],
            "territoire": self._territory(status),
            "periode": in_french(status["periode"]) if status["periode"] else "",
            "valeur": quantity(status["valeur"], decimals, unit),
            "attendu": quantity(expected, decimals, unit) if expected is not None else "",
            "ecart": _signed(gap, decimals, unit) if gap is not None else "",
            "ecart_part": _share(gap, expected),
            "retard": _delay(status["retard_trajectoire"]),
            "trajectoire": self._trajectory(status, decimals, unit),
            "source": one_line((figure or {}).get("source") or self._sources(indicator), 300),
            "licence": one_line((figure or {}).get("licence") or self._licences(indicator), 200),
            "simule": (figure or {}).get("nature") == Nature.SIMULE,
            "lien": self.link(change.indicateur),
            "demande": ASKED[change.kind],
        }

    def _figure(self, status: Mapping[str, Any]) -> Mapping[str, Any] | None:
        key = (status["indicateur"], status["territoire_niveau"], status["territoire_code"], status["periode"])
        return self._figures.get(key)

    def _territory(self, status: Mapping[str, Any]) -> str:
        key = (status["territoire_niveau"], status["territoire_code"])
        return one_line(self._territories.get(key, status["territoire_code"]), 100)

    def _trajectory(self, status: Mapping[str, Any], decimals: int, unit: str) -> dict[str, str]:
        row = self._trajectories.get(status["trajectoire"]) or {}
        parts = []
        if row.get("base_valeur") is not None and row.get("base_annee") is not None:
            parts.append(f"de {quantity(row['base_valeur'], decimals, unit)} en {int(row['base_annee'])}")
        if row.get("cible_valeur") is not None:
            year = f" en {int(row['cible_annee'])}" if row.get("cible_annee") is not None else ""
            parts.append(f"à {quantity(row['cible_valeur'], decimals, unit)}{year}")
        told = row.get("origine_statut") or ""
        document = row.get("origine_document") or ""
        where = one_line(self.documents.get(document, document), 200)
        if row.get("origine_ligne"):
            where += f", ligne {one_line(row['origine_ligne'], 20)}"
        return {
            "resume": " ".join(parts),
            "base_note": one_line(row.get("base_note") or "", 200),
            "origine": where,
            "statut": ORIGINS.get(told, told.replace("_", " ")),
            "citation": one_line(row.get("citation") or "", _CUT),
            "manque": one_line(row.get("manque") or "", 300),
        }

    def _sources(self, indicator: Mapping[str, Any]) -> str:
        rows = [self._datasets[jeu] for jeu in indicator["jeux"] or () if jeu in self._datasets]
        return ", ".join(f"{row['editeur']}, {row['titre']}" for row in rows)

    def _licences(self, indicator: Mapping[str, Any]) -> str:
        names = [self._datasets[jeu]["licence_nom"] for jeu in indicator["jeux"] or () if jeu in self._datasets]
        return ", ".join(dict.fromkeys(names))


def opening_rows(facts: Facts, slugs: Sequence[str]) -> list[dict[str, Any]]:
    """One row an indicator for the opening message: title, state in words, last figure, reason when not known."""
    rows = []
    for slug in sorted(slugs, key=lambda s: (facts.indicators[s]["ordre"] or 0, s)):
        indicator, status = facts.indicators[slug], facts.statuses.get(slug)
        etat = Etat(status["etat"]) if status else Etat.NON_EVALUABLE
        unit = indicator["unite_courte"] or indicator["unite"]
        value = ""
        if status and status["valeur"] is not None:
            value = quantity(status["valeur"], int(indicator["decimales"] or 0), unit)
        figure = facts._figure(status) if status else None
        rows.append(
            {
                "titre": one_line(indicator["titre_court"] or indicator["titre"], 120),
                "etat": etat,
                "etat_texte": STATES[etat],
                "valeur": value,
                "periode": in_french(status["periode"]) if status and status["periode"] else "",
                "raison": one_line((status or {}).get("raison_texte") or indicator["raison"] or "", 300),
                "simule": (figure or {}).get("nature") == Nature.SIMULE,
                "lien": facts.link(slug),
            }
        )
    return rows


def by_reason(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows grouped by state and reason, in order of first appearance: a reason shared by ten is said once."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["etat_texte"], row["raison"]), []).append(row)
    return [{"etat_texte": state, "raison": reason, "lignes": found} for (state, reason), found in groups.items()]


def day_words(day: dt.date) -> str:
    """« 20 novembre 2026 », « 1er juin 2026 »."""
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def _signed(value: float, decimals: int, unit: str) -> str:
    text = quantity(value, decimals, unit)
    return text if value < 0 else f"+{text}"


def _share(gap: float | None, expected: float | None) -> str:
    """The gap in per cent of the expected value; nothing when that value is zero."""
    if gap is None or not expected:
        return ""
    share = 100 * gap / abs(expected)
    return f"{'+' if share >= 0 else ''}{number(share, 1)}\u00a0%"


def _delay(years: float | None) -> str:
    """Years behind (positive) or ahead of the adopted trajectory, in words."""
    if years is None:
        return ""
    size = abs(years)
    words = f"{number(size, 1)}\u00a0an{'s' if size >= 2 else ''}"
    if round(size, 1) == 0:
        return "aucun retard"
    return f"{words} de retard" if years > 0 else f"{words} d’avance"
