"""View model of a state and of its trajectory: every number used, in words, and where the objective comes from.

Not here: computing a state (the warehouse does, `fct_status`); this module only words and orders what it wrote.
"""

from __future__ import annotations

import json
from typing import Any

from flows.core.words import Etat
from flows.publishing import numbers
from flows.publishing.grammar import lower_first
from flows.publishing.views_data import Row, World


def state(world: World, indicator: Row) -> Row | None:
    """The state with every number used, as (label, value, meaning) lines; None for an indicator of context."""
    status = world.status.get(indicator["indicateur"])
    if status is None or indicator["contexte"]:
        return None
    words = world.words["fiche"]
    lines: list[tuple[str, str, str]] = []

    def add(key: str, value: str | None, sense: str = "") -> None:
        if value:
            lines.append((words[key], value, sense))

    unit = indicator
    if status["periode"]:
        add("etat_periode", numbers.period_in_french(status["periode"]))
    if status["valeur"] is not None:
        add("etat_valeur", world.measure(unit, status["valeur"]))
    if status["attendu"] is not None:
        add("etat_attendu", world.measure(unit, status["attendu"]))
    if status["ecart"] is not None:
        add("etat_ecart", world.measure(unit, status["ecart"], signed=True))
    if status["ecart_norm"] is not None:
        add("etat_ecart_norm", percent(status["ecart_norm"], signed=True), words["etat_norm_sens"])
    if status["marge"] is not None:
        add("etat_marge", percent(status["marge"]))
    late = status["retard_trajectoire"]
    if late is not None:
        add("etat_retard" if late >= 0 else "etat_avance", years(abs(late)))
    if status["retard_comparateur"] is not None:
        add("etat_retard_comparateur", years(status["retard_comparateur"]))
    if status["arrivee_annee"] is not None:
        add("etat_arrivee", str(int(status["arrivee_annee"])))
    due = status["prochaine_attendue"]
    due_word = "etat_prochaine" if due is None or due.isoformat() >= world.nuit else "etat_en_retard"
    if due is not None:
        add(due_word, numbers.date_in_french(due))
    return {
        "etat": status["etat"],
        "raison": status["raison_texte"] or "",
        "prochaine": numbers.date_in_french(due) if due is not None else "",
        "prochaine_mot": words[due_word],
        "a_actualiser": status["a_actualiser"],
        "lignes": lines,
        "nombres": flatten(status["details"]),
        "juge": status["etat"] not in (Etat.TRAJECTOIRE_A_FIXER, Etat.SANS_OBJET, Etat.NON_EVALUABLE),
    }


def percent(share: float, *, signed: bool = False) -> str:
    """A share as a French percentage with one decimal."""
    return numbers.with_unit(100 * share, "%", 1, sign=signed)


def years(value: float) -> str:
    """A number of years with one decimal, in words: « 0,9 an », « 2,2 ans »."""
    return f"{numbers.number(value, 1)}\u00a0{'ans' if abs(value) >= 2 else 'an'}"


def flatten(details: str | None) -> list[tuple[str, str]]:
    """The JSON of a state as (name, value) lines, names dotted, in the JSON's own order.

    A text that is not JSON is shown as it is, rather than hidden.
    """
    if not details:
        return []
    try:
        tree = json.loads(details)
    except ValueError:
        return [("details", details)]
    lines: list[tuple[str, str]] = []

    def walk(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{name}.{key}" if name else str(key), inner)
        elif isinstance(value, list) and any(isinstance(v, dict | list) for v in value):
            for n, inner in enumerate(value, start=1):
                walk(f"{name}.{n}", inner)
        elif isinstance(value, list):
            lines.append((name, " ; ".join(plain(v) for v in value)))
        else:
            lines.append((name, plain(value)))

    def plain(value: Any) -> str:
        if value is None:
            return "–"
        if isinstance(value, bool):
            return "oui" if value else "non"
        if isinstance(value, int | float):
            return repr(value).replace(".", ",").removesuffix(",0")
        return str(value)

    walk("", tree)
    return lines


def trajectory(world: World, indicator: Row) -> Row | None:
    """The trajectory that the state was judged on, else the indicator's first one, with its origin in words."""
    status = world.status.get(indicator["indicateur"])
    ident = status["trajectoire"] if status else None
    mine = [t for t in world.trajectories.values() if t["indicateur"] == indicator["indicateur"]]
    row = world.trajectories.get(ident or "") or (mine[0] if mine else None)
    if row is None:
        return None
    curve = [
        {
            "annee": str(int(p["annee"])),
            "valeur": numbers.number(p["valeur"], indicator["decimales"]),
            "basse": "–"
            if p["tolerance_basse"] is None
            else numbers.number(p["tolerance_basse"], indicator["decimales"]),
            "haute": "–"
            if p["tolerance_haute"] is None
            else numbers.number(p["tolerance_haute"], indicator["decimales"]),
        }
        for p in world.curves[row["trajectoire"]]
    ]
    words = world.words
    return row | {
        "forme_mots": words["formes"].get(row["forme"], row["forme"]),
        "manque_mots": lower_first(row["manque"] or "").rstrip(". "),
        "origine_mots": words["origines"].get(row["origine_statut"], row["origine_statut"]),
        "document": document(world, row["origine_document"]),
        "base": end(world, indicator, row["base_valeur"], row["base_annee"]),
        "cible": end(world, indicator, row["cible_valeur"], row["cible_annee"]),
        "tolerance_mots": percent(row["tolerance"]) if row["tolerance"] is not None else "",
        "points": curve,
    }


def end(world: World, indicator: Row, value: float | None, year: float | None) -> str:
    """Start or target of a trajectory in words: « 50 % en 2044 », « 379,08 ha (année non précisée) », « 2044 »."""
    if value is None:
        return "" if year is None else str(int(year))
    said = numbers.with_unit(value, indicator["unite_courte"], indicator["decimales"], trim=True)
    return f"{said} en {int(year)}" if year is not None else f"{said} ({world.words['fiche']['annee_non_precisee']})"


def document(world: World, ref: str | None) -> str:
    """French title of a source document; the reference itself when it is not one of the five."""
    return world.words["documents"].get(ref or "", ref or "")
