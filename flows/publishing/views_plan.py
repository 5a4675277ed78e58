"""View models of the plan's own pages: engagements, champs, ambitions, projets, critères.

Each says the words of the document with their line, the indicators that serve it, and what is not known of it.

Not here: the catalogue itself (a table of the stewards), sentences about figures (`sentences`).
"""

from __future__ import annotations

from typing import Any

from flows.core.words import Etat
from flows.publishing.grammar import lower_first
from flows.publishing.pages import slug
from flows.publishing.views_data import Row, World
from flows.publishing.views_home import engagement_card, marks

FOLDERS = {
    "engagement": "engagements",
    "ambition": "ambitions",
    "champ": "champs",
    "projet": "projets",
    "critere": "criteres",
}


def address(entry: Row) -> str:
    """Address of an entry's page from the root; "" for a type that has none (values, dimensions…)."""
    folder = FOLDERS.get(entry["type"])
    return f"/{folder}/{slug(entry['id'])}/" if folder else ""


def name(entry: Row) -> str:
    """What a list or a breadcrumb calls an entry: its short words, else all of them."""
    return entry["libelle_court"] or entry["libelle"]


def plan(world: World) -> dict[str, Any]:
    """The page of the plan: ambitions, engagements with their champs and projets, critères by theme.

    Returns:
        `ambitions` (lines), `engagements` (cards with `champs` and `projets`), `volets` (words, lines): a line is
        `libelle`, `adresse` and `n`, the number of indicators that serve it.
    """
    cards = []
    for entry in world.of_type("engagement"):
        children = world.children[entry["id"]]
        card = {"id": entry["id"], "numero": number(entry), "libelle": entry["libelle"], "adresse": address(entry)}
        for kind, key in (("champ", "champs"), ("projet", "projets")):
            card[key] = [_line(world, child) for child in children if child["type"] == kind]
        cards.append(card)
    return {
        "ambitions": [_line(world, entry) for entry in world.of_type("ambition")],
        "engagements": cards,
        "volets": _themes(world),
    }


def number(entry: Row) -> str:
    """Number of an engagement as its id gives it (« e2 » → « 2 »)."""
    return "".join(c for c in entry["id"] if c.isdigit()) or str(entry["ordre"])


def _line(world: World, entry: Row) -> Row:
    return {"libelle": name(entry), "adresse": address(entry), "n": len(world.serving(entry["id"]))}


def _themes(world: World) -> list[Row]:
    """Critères by theme, which the first part of their id names; themes in the document's order."""
    themes: dict[str, list[Row]] = {}
    for entry in world.of_type("critere"):
        themes.setdefault(_theme(world, entry), []).append(_line(world, entry))
    return [{"nom": words, "criteres": rows} for words, rows in themes.items()]


def _theme(world: World, entry: Row) -> str:
    words = world.words["plan"]
    return words["volets"].get(entry["id"].split("_")[0], words["criteres"])


def entry_page(world: World, entry: Row) -> dict[str, Any]:
    """The page of one entry.

    Returns:
        `titre` (its short words when the document's are a whole paragraph), `entree`, `sur` (what it is), `fil`,
        `lignes` (indicators), `champs` and `projets` (lines), `inconnu` (see `unknown`).
    """
    words = world.words
    parent = world.catalogue.get(entry["parent"] or "")
    trail = [(words["nav"]["engagements"], "/engagements/")]
    if parent is not None and address(parent):
        trail.append((name(parent), address(parent)))
    kinds = words["plan"]["types"]
    above = kinds.get(entry["type"], entry["type"])
    if entry["type"] == "engagement":
        above = words["accueil"]["engagement_n"].format(n=number(entry))
    elif entry["type"] == "critere":
        above = f"{above}, {_theme(world, entry).lower()}"
    elif parent is not None and parent["type"] == "engagement":
        above = words["plan"]["de_l_engagement"].format(quoi=above, n=number(parent))
    children = world.children[entry["id"]]
    lines = engagement_card(world, entry)["lignes"]
    return {
        "titre": name(entry) if len(entry["libelle"]) > 120 else entry["libelle"],
        "entree": entry,
        "sur": above,
        "fil": trail,
        "lignes": lines,
        "marques": marks(world, lines),
        "champs": [_line(world, c) for c in children if c["type"] == "champ"],
        "projets": [_line(world, c) for c in children if c["type"] == "projet"],
        "inconnu": unknown(world, entry),
    }


def unknown(world: World, entry: Row) -> list[Row]:
    """What is not known of an entry: groups of `texte` and `indicateurs` (rows, with a `raison` or "").

    The first group says alone that no indicator follows the entry at all.
    """
    words = world.words["plan"]
    serving = [i for i in world.serving(entry["id"]) if not i["contexte"]]
    if not serving:
        return [{"texte": words["inconnu_rien"], "indicateurs": []}]
    groups: dict[str, list[Row]] = {"chiffre": [], "jugement": [], "objectif": [], "ancien": []}
    for indicator in serving:
        status = world.status[indicator["indicateur"]]
        reason = status["raison_texte"] or indicator["raison"] or ""
        line = {"titre": indicator["titre_court"] or indicator["titre"], "slug": indicator["slug"], "raison": ""}
        if status["etat"] == Etat.NON_EVALUABLE:
            groups["jugement"].append(line | {"raison": lower_first(reason)})
        elif world.latest(indicator["indicateur"], world.headline_place(indicator)) is None:
            groups["chiffre"].append(line)
        if status["etat"] == Etat.TRAJECTOIRE_A_FIXER:
            groups["objectif"].append(line)
        if status["a_actualiser"]:
            groups["ancien"].append(line)
    return [{"texte": words[f"inconnu_{key}"], "indicateurs": rows} for key, rows in groups.items() if rows]
