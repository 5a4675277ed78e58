"""View model of a state and of its trajectory: every number used, in words, and where the objective comes from.

Not here: computing a state (the warehouse does, `fct_status`); this module only words and orders what it wrote.
"""

from __future__ import annotations

import json

from flows.core.errors import ReleaseError
from flows.core.words import Etat
from flows.publishing import numbers
from flows.publishing.figures import CUMULATIVE_FORMS
from flows.publishing.grammar import lower_first
from flows.publishing.objective import is_national
from flows.publishing.views_data import Row, World

# Origins that are a document's measure of something, not an objective.
MEASURED = ("estimation", "besoin", "potentiel")


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
    seen = world.at(indicator["indicateur"], world.headline_place(indicator), status["periode"] or "")
    if status["periode"]:
        add("etat_periode", world.period(seen) if seen else numbers.period_in_french(status["periode"]))
    if status["valeur"] is not None:
        same = seen is not None and seen["valeur"] == status["valeur"]
        add("etat_valeur", world.figure(seen) if same else world.measure(unit, status["valeur"]))
    if status["attendu"] is not None:
        add("etat_attendu", world.measure(unit, status["attendu"]))
    if status["ecart"] is not None:
        add("etat_ecart", world.measure(unit, status["ecart"], signed=True))
    if status["ecart_norm"] is not None:
        add("etat_ecart_norm", percent(status["ecart_norm"], signed=True), words["etat_norm_sens"])
    if status["part_chemin"] is not None and status["part_chemin_attendue"] is not None:
        due = words["etat_chemin_attendu"].format(part=percent(status["part_chemin_attendue"]))
        drawn = world.trajectories.get(status["trajectoire"] or "")
        ceiling = drawn is not None and drawn["forme"] in CUMULATIVE_FORMS
        add("etat_chemin_plafond" if ceiling else "etat_chemin", percent(status["part_chemin"]), due)
    if status["marge"] is not None:
        add("etat_marge", percent(status["marge"]))
    late = status["retard_trajectoire"]
    if late is not None:
        chosen = world.trajectories.get(status["trajectoire"] or "")
        kind = "_plafond" if chosen is not None and chosen["forme"] in CUMULATIVE_FORMS else ""
        add(f"etat_retard{kind}" if late >= 0 else f"etat_avance{kind}", years(abs(late)))
    if status["retard_comparateur"] is not None:
        add("etat_retard_comparateur", years(status["retard_comparateur"]))
    add("etat_arrivee", arrival(world, status))
    due = update(world, indicator)
    if due is not None:
        lines.append((*due, ""))
    return {
        "etat": status["etat"],
        "raison": status["raison_texte"] or "",
        "precision": world.precision(status),
        "a_actualiser": status["a_actualiser"],
        "lignes": lines,
        "bruit": noise(world, status["details"]),
        "juge": status["etat"] not in (Etat.TRAJECTOIRE_A_FIXER, Etat.SANS_OBJET, Etat.NON_EVALUABLE),
    }


def update(world: World, indicator: Row) -> tuple[str, str] | None:
    """When a newer figure is due: (words, date), or that none is announced; None without any figure at all."""
    status, words = world.status.get(indicator["indicateur"]), world.words["fiche"]
    if status is None:
        return None
    due = status["prochaine_attendue"]
    if due is None:
        return (words["etat_prochaine"], words["etat_prochaine_aucune"]) if status["periode"] else None
    late = due.isoformat() < world.nuit
    return words["etat_en_retard" if late else "etat_prochaine"], numbers.date_in_french(due)


def noise(world: World, details: str | None) -> str:
    """A sentence when the series is too short for its usual noise to be estimated, else ""."""
    try:
        found = json.loads(details or "{}").get("bruit") or {}
    except ValueError as error:
        raise ReleaseError(
            "Le détail d’un état ne se lit pas.", where="fct_status.details", todo="corriger le modèle fct_status."
        ) from error
    if found.get("methode") != "serie_trop_courte":
        return ""
    return str(world.words["fiche"]["bruit_court"].format(n=found.get("points") or 0))


def arrival(world: World, status: Row) -> str:
    """Year at which the recent pace reaches the target, with its 90 % bounds: « 2038 (entre 2033 et 2051) »; "" when
    it never does."""
    if status["arrivee_annee"] is None:
        return ""
    first, last = status["arrivee_au_plus_tot"], status["arrivee_au_plus_tard"]
    words, year = world.words["fiche"], int(status["arrivee_annee"])
    if first is None:
        return str(year)
    if last is None:
        return str(words["etat_arrivee_ouverte"].format(annee=year, tot=int(first)))
    return str(words["etat_arrivee_bornes"].format(annee=year, tot=int(first), tard=int(last)))


def percent(share: float, *, signed: bool = False) -> str:
    """A share as a French percentage with one decimal."""
    return numbers.with_unit(100 * share, "%", 1, sign=signed)


def years(value: float) -> str:
    """A number of years with one decimal, in words: « 0,9 an », « 2,2 ans »."""
    return f"{numbers.number(value, 1)}\u00a0{'ans' if abs(value) >= 2 else 'an'}"


def trajectory(world: World, indicator: Row) -> Row | None:
    """The trajectory that the state was judged on, else the indicator's first one, with its origin in words."""
    status = world.status.get(indicator["indicateur"])
    ident = status["trajectoire"] if status else None
    mine = [t for t in world.trajectories.values() if t["indicateur"] == indicator["indicateur"]]
    row = world.trajectories.get(ident or "") or (mine[0] if mine else None)
    if row is None:
        return None
    cumul = row["forme"] in CUMULATIVE_FORMS
    points = world.curves[row["trajectoire"]]
    # A tolerance around a quantity that is never negative stops at nothing.
    floor = 0.0 if all((p["valeur"] or 0) >= 0 for p in points) else None

    def number(value: float | None) -> str:
        if value is None:
            return "–"
        return numbers.number(value if floor is None else max(value, floor), indicator["decimales"])

    curve = [
        {
            "annee": str(int(p["annee"])),
            "valeur": number(p["valeur"]),
            "basse": number(p["tolerance_basse"]),
            "haute": number(p["tolerance_haute"]),
        }
        for p in points
    ]
    words = world.words
    said = words["fiche"]
    measured = row["origine_statut"] in MEASURED
    unit = indicator["unite_courte"] if cumul else numbers.shown_unit(indicator["unite"])
    return row | {
        "base_nom": said["trajectoire_base_calcul" if cumul else "trajectoire_base"],
        "cible_nom": said[
            "trajectoire_chiffre" if measured else "trajectoire_plafond" if cumul else "trajectoire_cible"
        ],
        "legende": said["trajectoire_legende_cumul" if cumul else "trajectoire_legende"].format(unite=unit),
        # A document's estimate is no path: it has neither a form nor a tolerance.
        "forme_mots": "" if measured else words["formes"].get(row["forme"], row["forme"]),
        "manque_mots": lower_first(row["manque"] or "").rstrip(". "),
        "origine_mots": words["origines"]["nationale"]
        if is_national(row)
        else words["origines"].get(row["origine_statut"], row["origine_statut"]),
        "document": document(world, row["origine_document"]),
        "base": end(
            world,
            indicator,
            row["base_valeur"],
            None if cumul else row["base_annee"],
            dated=not cumul or row["base_annee"] is None,
        ),
        "cible": numbers.number(row["cible_valeur"], indicator["decimales"], trim=True)
        if measured and row["cible_valeur"] is not None  # its unit is the document's: see the quotation
        else end(world, indicator, row["cible_valeur"], row["cible_annee"], "fin" if cumul else "en"),
        "tolerance_mots": percent(row["tolerance"]) if row["tolerance"] is not None and not measured else "",
        "points": curve,
    }


def end(
    world: World, indicator: Row, value: float | None, year: float | None, link: str = "en", *, dated: bool = True
) -> str:
    """Start or target of a trajectory in words: « 50 % en 2044 », « 379,08 ha (année non précisée) », « 2044 ».

    Args:
        link: word before the year. dated: say that the year is missing when it is.
    """
    if value is None:
        return "" if year is None else str(int(year))
    said = numbers.with_unit(value, indicator["unite_courte"], indicator["decimales"], trim=True)
    if year is None and not dated:
        return said
    return (
        f"{said} {link} {int(year)}" if year is not None else f"{said} ({world.words['fiche']['annee_non_precisee']})"
    )


def document(world: World, ref: str | None) -> str:
    """French title of a source document; the reference itself when it is not one of the five."""
    return world.words["documents"].get(ref or "", ref or "")
