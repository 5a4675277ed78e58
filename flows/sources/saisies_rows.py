"""Rows of a service's deposit, cell by cell: what each says alone, and one row a key and status.

Not here: what only the catalogue, the territory or earlier deposits can refuse (saisies_rules). A row with a wrong
cell is kept as far as it was understood, so that its other cells are judged too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.core.periods import PeriodError, end_of
from flows.core.words import Niveau, Statut
from flows.sources import saisies_cells as cells
from flows.sources.saisies_cells import Problem, RawRow

Key = tuple[str, str, str, str]  # indicateur, niveau, code, periode
LONGEST = 500  # characters of a free text


@dataclass(frozen=True)
class Figure:
    """A row as far as it was understood: an empty part is one that its own problem tells.

    `valeur` is None for secret and manquant, `date_saisie` only when it was refused.
    """

    ligne: int
    indicateur: str
    niveau: str
    code: str
    periode: str
    valeur: float | None
    unite: str
    statut: str
    source: str
    saisi_par: str
    date_saisie: dt.date | None
    commentaire: str

    @property
    def key(self) -> Key:
        return self.indicateur, self.niveau, self.code, self.periode


@dataclass
class Verified:
    """What a file is worth: figures understood (or names of the alerts answered), rows left blank, problems sorted by
    line. Accepted without any."""

    figures: list[Figure] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    blank: int = 0
    problems: list[Problem] = field(default_factory=list)


def written(rows: Sequence[RawRow]) -> Verified:
    """The rows that the bytes alone can judge: forms of cells, required ones, one row a key and status."""
    out = Verified()
    seen: dict[tuple[Any, ...], int] = {}
    for row in rows:
        if not any(row.cells[name] for name in cells.FILLED):
            out.blank += 1
            continue
        figure, problems = _figure(row)
        out.problems += problems
        out.figures.append(figure)
        key = (*figure.key, figure.statut)
        if not all(key):
            continue
        first = seen.setdefault(key, figure.ligne)
        if first != figure.ligne:
            reason = f"cette ligne répète la ligne {first} (même indicateur, territoire, période et statut)"
            out.problems.append(Problem(figure.ligne, "", reason, "garder une seule des deux lignes."))
    if not out.figures and not out.problems:
        reason = "aucune ligne n’est renseignée"
        todo = "remplir au moins « valeur », « statut », « source » et « date_saisie »."
        out.problems.append(Problem(0, "", reason, todo))
    return out


def _figure(row: RawRow) -> tuple[Figure, list[Problem]]:
    told, problems = row.cells, []

    def wrong(column: str, reason: str, todo: str) -> None:
        problems.append(Problem(row.line, column, reason, todo))

    for name in ("indicateur_id", "territoire_type", "territoire_code", "periode", "unite", "statut", "source",
                 "saisi_par", "date_saisie"):  # fmt: skip
        if not told[name]:
            wrong(name, "la cellule est vide", "la remplir, ou vider toute la ligne.")
    for name in ("source", "saisi_par", "commentaire"):
        text = told[name]
        if len(text) > LONGEST:
            wrong(name, f"le texte a {len(text)} caractères, plus que les {LONGEST} admis", "l’abréger.")
        if cells.formula(text):
            wrong(name, "le texte commence comme une formule", "retirer le signe du début (=, +, -, @).")
        if name != "saisi_par" and (why := cells.personal(text)):
            wrong(name, why, "retirer ce qui désigne une personne : le dépôt est conservé.")
    niveau = cells.level(told["territoire_type"])
    if told["territoire_type"] and not niveau:
        allowed = ", ".join(n.value for n in Niveau)
        wrong("territoire_type", f"« {told['territoire_type']} » n’est pas un niveau", f"choisir parmi {allowed}.")
    statut = cells.status(told["statut"])
    if told["statut"] and not statut:
        allowed = ", ".join(s.value for s in Statut)
        wrong("statut", f"« {told['statut']} » n’est pas un statut", f"choisir parmi {allowed}.")
    valeur = _value(told["valeur"], statut, told["commentaire"], wrong)
    saisie = cells.day(told["date_saisie"])
    if told["date_saisie"] and saisie is None:
        reason = f"« {told['date_saisie']} » n’est pas une date du calendrier"
        wrong("date_saisie", reason, "écrire 2025-03-31 ou 31/03/2025.")
    periode = told["periode"]
    if periode:
        try:
            end_of(periode)
        except (PeriodError, ValueError) as error:
            reason = error.what if isinstance(error, PeriodError) else f"La période « {periode[:20]} » n'existe pas."
            wrong("periode", reason.rstrip("."), "écrire 2021, 2018/2022, 2021-T3, 2021-06 ou 2021-06-15.")
            periode = ""
    figure = Figure(
        ligne=row.line,
        indicateur=told["indicateur_id"],
        niveau=niveau,
        code=told["territoire_code"].upper(),
        periode=periode,
        valeur=valeur,
        unite=told["unite"],
        statut=statut,
        source=told["source"],
        saisi_par=told["saisi_par"],
        date_saisie=saisie,
        commentaire=told["commentaire"],
    )
    return figure, problems


def _value(text: str, statut: str, comment: str, wrong: Any) -> float | None:
    """The value of a row, with what its status asks of it."""
    if statut in (Statut.SECRET, Statut.MANQUANT):
        if text:
            todo = "vider la cellule « valeur », ou changer le statut."
            wrong("valeur", f"un chiffre au statut « {statut} » n’a pas de valeur", todo)
        if statut == Statut.MANQUANT and not comment:
            todo = "dire pourquoi en commentaire."
            wrong("commentaire", "un chiffre retiré (« manquant ») doit être expliqué", todo)
        return None
    if not text:
        if statut:
            todo = "écrire la valeur, ou vider aussi les autres cellules de la ligne."
            wrong("valeur", f"un chiffre au statut « {statut} » a une valeur", todo)
        return None
    value = cells.number(text)
    if value is None:
        todo = "écrire un nombre seul : 1234,5 ou 1234.5 ; l’unité a sa colonne."
        wrong("valeur", f"« {text[:40]} » n’est pas un nombre", todo)
    return value
