"""View models of what the observatory covers: the plan entry by entry, and the well-being profile.

Counts are made from the release: an entry is covered by what its indicators really show. The profile is a table, one
line an indicator, its figure beside a reference of the same period; no mean, no score, no weight.

Not here: what an indicator has to show (`presence`), the pages of the entries (`views_plan`).
"""

from __future__ import annotations

from typing import Any

from flows.publishing import presence as kinds
from flows.publishing.numbers import is_intensive
from flows.publishing.views_data import Place, Row, World
from flows.publishing.views_home import counts, marks, situation
from flows.publishing.views_indicator import cell
from flows.publishing.views_plan import FOLDERS, address, name

# Widest first: what a figure of the territory is read beside; the neighbouring EPCI when nothing larger is known.
WIDEST = ("france", "france_metropolitaine", "region", "departement", "epci")
FAMILIES = ("biens_communs", "facteurs")


def coverage(world: World) -> dict[str, Any]:
    """The page of what is covered.

    Returns:
        `total`; `comptes` (`cle`, `n`, `indicateurs`) by what they show; `types`: for each kind of entry `cle`,
        `total`, `suivis` (followed by an indicator), `chiffres` (by a figure that is not simulated), `rien` (lines
        followed by none), `sans` (followed, without a real figure), `lignes`: `libelle`, `adresse`, `n`, `groupes`
        (`cle`, `indicateurs`). `hors`: indicators that serve nothing of the plan.
    """
    types = []
    for kind in (*FOLDERS, "dimension"):
        lines = [_entry(world, entry) for entry in world.of_type(kind)]
        if lines:
            types.append(_kind(kind, lines))
    served = {
        i["indicateur"] for kind in (*FOLDERS, "dimension") for e in world.of_type(kind) for i in _under(world, e)
    }
    return {
        "total": len(world.indicators),
        "comptes": [
            row | {"indicateurs": [_line(world, i) for i in world.indicators if world.presence(i) == row["cle"]]}
            for row in counts(world, world.indicators)
        ],
        "types": types,
        "hors": [_line(world, i) for i in world.indicators if i["indicateur"] not in served],
    }


def _under(world: World, entry: Row) -> list[Row]:
    return world.serving(entry["id"])


def _entry(world: World, entry: Row) -> Row:
    serving = _under(world, entry)
    groups = []
    for key in kinds.ORDER:
        rows = [_line(world, i) for i in serving if world.presence(i) == key]
        if rows:
            groups.append({"cle": key, "indicateurs": rows})
    return {"libelle": name(entry), "adresse": address(entry), "n": len(serving), "groupes": groups}


def _line(world: World, indicator: Row) -> Row:
    return {
        "slug": indicator["slug"],
        "titre": indicator["titre_court"] or indicator["titre"],
        "precision": situation(world, indicator)["service"],
    }


def _kind(kind: str, lines: list[Row]) -> Row:
    real = [line for line in lines if any(g["cle"] in (kinds.FIGURES, kinds.COMMUNES) for g in line["groupes"])]
    return {
        "cle": kind,
        "total": len(lines),
        "suivis": sum(line["n"] > 0 for line in lines),
        "chiffres": len(real),
        "rien": [line for line in lines if not line["n"]],
        "sans": [line for line in lines if line["n"] and line not in real],
        "lignes": lines,
    }


def well_being(world: World) -> dict[str, Any]:
    """The well-being profile of the project: its dimensions, each with the indicators that serve it.

    Returns:
        `familles`: `cle` and `dimensions` (`libelle`, `lignes`); a line is `slug`, `titre`, `unite`, `polarite`,
        `situation` (said without a figure), `periode`, `cellule`, `repere` (name, cell) or None, `manque` (why there
        is no reference). `total`, `suivies`, `chiffrees`: dimensions, those with an indicator, with a real figure.
        `marques`: marks that figures carry.
    """
    dimensions = []
    for entry in world.of_type("dimension"):
        lines = [_profile(world, i) for i in _under(world, entry)]
        dimensions.append({"id": entry["id"], "libelle": entry["libelle"].rstrip(". "), "lignes": lines})
    cells = [c for d in dimensions for line in d["lignes"] for c in line["cellules"]]
    families = [
        {"cle": key, "dimensions": [d for d in dimensions if d["id"].startswith("bc_") == (key == FAMILIES[0])]}
        for key in FAMILIES
    ]
    real = [d for d in dimensions if any(line["presence"] == kinds.FIGURES for line in d["lignes"])]
    return {
        "familles": [f for f in families if f["dimensions"]],
        "total": len(dimensions),
        "suivies": sum(bool(d["lignes"]) for d in dimensions),
        "chiffrees": len(real),
        "marques": marks(world, cells),
    }


def _profile(world: World, indicator: Row) -> Row:
    place = world.headline_place(indicator)
    newest = world.latest(indicator["indicateur"], place)
    beside = reference(world, indicator, place, newest) if newest is not None else None
    mine = cell(world, newest)
    theirs = cell(world, beside) if beside is not None else None
    own = (world.own["niveau"], world.own["code"])
    return {
        "slug": indicator["slug"],
        "titre": indicator["titre_court"] or indicator["titre"],
        "unite": indicator["unite_courte"],
        "polarite": indicator["polarite"],
        "territoire": "" if place == own else world.name(place),
        "presence": world.presence(indicator),
        "situation": situation(world, indicator),
        "periode": world.period(newest) if newest is not None else "",
        "cellule": mine if newest is not None else None,
        "repere": (beside["territoire"], theirs) if beside is not None else None,
        "cellules": [c for c in (mine, theirs) if c is not None],
    }


def reference(world: World, indicator: Row, place: Place, newest: Row) -> Row | None:
    """The same period of the widest territory that has one: France first, the neighbour last; None without any.

    Quantities of a whole territory have none: the larger territory is only larger.
    """
    if not is_intensive(indicator["unite"]):
        return None
    for level in WIDEST:
        for other in sorted(p for p in world.places if p[0] == level and p != place):
            row = world.at(indicator["indicateur"], other, newest["periode"])
            if row is not None and row["valeur"] is not None:
                return row | {"territoire": world.name(other)}
    return None
