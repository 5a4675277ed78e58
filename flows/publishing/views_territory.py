"""View models of territories: the list of communes, the page of a commune, the page of an EPCI.

Not here: rankings, which the observatory does not make; recomputing a figure of one level from another.
"""

from __future__ import annotations

from typing import Any

from flows.core.words import Statut
from flows.publishing import numbers
from flows.publishing.views_data import Place, Row, World
from flows.publishing.views_home import marks, sparkline
from flows.publishing.views_indicator import cell, details, number_notes
from flows.publishing.views_plan import name

BESIDE = ("epci", "region", "france")  # columns beside a commune; France falls back on metropolitan France


def communes_page(world: World) -> dict[str, Any]:
    """The list of communes: members first, then the neighbours' by EPCI, in alphabetical order."""
    groups = [{"nom": None, "code": world.own["code"], "communes": [_line(c) for c in world.communes]}]
    for epci in (r for r in world.places.values() if r["role"] == "voisin"):
        rows = [_line(c) for c in world.neighbours if c["epci"] == epci["code"]]
        if rows:
            groups.append({"nom": epci["nom"], "code": epci["code"], "communes": rows})
    periods = sorted({c["population_periode"] for c in world.communes if c["population_periode"]})
    return {"groupes": groups, "periode": periods[-1] if periods else ""}


def _line(commune: Row) -> Row:
    return {
        "code": commune["code"],
        "nom": commune["nom"],
        "population": numbers.number(commune["population"]) if commune["population"] is not None else "–",
        "surface": numbers.with_unit(commune["surface_ha"], "ha") if commune["surface_ha"] is not None else "–",
    }


def territory_page(world: World, territory: Row) -> dict[str, Any]:
    """One territory beside the levels above it, one line an indicator, at the territory's newest period.

    Returns:
        `lieu`, `population` and `surface` in words, `colonnes` (names), `lignes` (indicator, periode, cellules of the
        territory and its EPCI, reperes: region and France where known, spark), `groupes` (the same by theme: `nom`,
        `lignes`), `sans` (indicators without a figure at
        this level), `details` (indicator, lines), `epci` (row or None), `communes` (lines, for an EPCI).
    """
    place = (territory["niveau"], territory["code"])
    beside = columns(world, place)
    lines, parts, empty = [], [], []
    groups: list[Row] = []
    for theme, indicators in by_theme(world):
        start = len(lines)
        for indicator in indicators:
            if world.latest(indicator["indicateur"], place) is not None:
                lines += _lines(world, indicator, place, beside)
        if len(lines) > start:
            groups.append({"nom": theme, "lignes": lines[start:]})
    for indicator in world.indicators:
        ident = indicator["indicateur"]
        if world.latest(ident, place) is None and world.figures(ident).series.get(place):
            empty.append(indicator)
        if world.figures(ident).parts.get(place):
            parts.append(_parts(world, indicator, place))
    epci = world.places.get(("epci", territory["epci"] or ""))
    cells = [c for line in lines for c in (*line["cellules"], *(cell for _, cell in line["reperes"]))]
    members = [c for c in world.communes + world.neighbours if c["epci"] == territory["code"]]
    return {
        "lieu": territory,
        "membre": territory["role"] == "membre",
        "population": numbers.number(territory["population"]) if territory["population"] is not None else "",
        "surface": numbers.number(territory["surface_ha"]) if territory["surface_ha"] is not None else "",
        "colonnes": [territory["nom"], *(world.name(p) for p in beside if p[0] == "epci")],
        "reperes": any(line["reperes"] for line in lines),
        "lignes": lines,
        "groupes": groups,
        "sans": empty,
        "notes": number_notes(cells),
        "marques": marks(world, cells),
        "details": parts,
        "epci": epci if epci is not None and territory["niveau"] == "commune" else None,
        "communes": [_line(c) for c in members] if territory["niveau"] == "epci" else [],
        "secrets": any(c["marque"] == Statut.SECRET for c in cells),
        "simulees": [i["titre"] for i in world.simulated() if world.figures(i["indicateur"]).series.get(place)],
    }


def by_theme(world: World) -> list[tuple[str, list[Row]]]:
    """Indicators by theme, in the document's order of themes: the first champ that each serves, else its first
    critère; those that serve neither come last, under a heading of their own."""
    order = {e["id"]: n for n, e in enumerate([*world.of_type("champ"), *world.of_type("critere")])}
    groups: dict[str, list[Row]] = {}
    for indicator in world.indicators:
        serves = [ident for ident in (*(indicator["champs"] or ()), *(indicator["sert"] or ())) if ident in order]
        groups.setdefault(min(serves, key=order.__getitem__) if serves else "", []).append(indicator)
    last = len(order)
    return [
        (name(world.catalogue[key]) if key else world.words["territoires"]["theme_autres"], groups[key])
        for key in sorted(groups, key=lambda key: order.get(key, last))
    ]


def _lines(world: World, indicator: Row, place: Place, beside: list[Place]) -> list[Row]:
    """The newest period, and, when the nearest territory is not published for it, the newest where both are."""
    ident = indicator["indicateur"]
    row = world.latest(ident, place)
    assert row is not None, "only indicators with a figure have a line"
    out = [_line_of(world, indicator, row, beside) | sparkline(world, indicator, place)]
    nearest = next((other for other in beside if world.latest(ident, other) is not None), None)
    if nearest is None or known(world.at(ident, nearest, row["periode"])):
        return out
    for older in reversed(world.figures(ident).series[place]):
        if known(older) and known(world.at(ident, nearest, older["periode"])):
            note = world.words["territoires"]["comparable"]
            return [*out, _line_of(world, indicator, older, beside) | {"spark": None, "spark_alt": note}]
    return out


def known(row: Row | None) -> bool:
    """Is there a value to show?"""
    return row is not None and row["valeur"] is not None


def _line_of(world: World, indicator: Row, row: Row, beside: list[Place]) -> Row:
    others = [(p, world.at(indicator["indicateur"], p, row["periode"])) for p in beside]
    return {
        "slug": indicator["slug"],
        "titre": indicator["titre_court"] or indicator["titre"],
        "unite": indicator["unite_courte"],
        "periode": world.period(row) if indicator.get("periode_phrase") else numbers.short_period(row["periode"]),
        "cellules": [cell(world, row), *(cell(world, r) for p, r in others if p[0] == "epci")],
        "reperes": [(world.name(p), cell(world, r)) for p, r in others if p[0] != "epci" and known(r)],
    }


def columns(world: World, place: Place) -> list[Place]:
    """Territories beside `place`: a commune's EPCI, its region, France (metropolitan when France is not known)."""
    found: list[Place] = []
    here = world.places[place]
    for niveau in BESIDE:
        if niveau == "epci":
            candidates = [("epci", here["epci"] or "")] if place[0] == "commune" else []
        elif niveau == "france":
            candidates = sorted(p for p in world.places if p[0] == "france_metropolitaine")
            candidates += sorted(p for p in world.places if p[0] == "france")
        else:
            candidates = sorted(p for p in world.places if p[0] == niveau)
        found += [p for p in candidates if p in world.places and p != place][:1]
    return found


def _parts(world: World, indicator: Row, place: Place) -> Row:
    view = details(world, indicator, world.figures(indicator["indicateur"]).parts[place])
    return {
        "slug": indicator["slug"],
        "titre": indicator["titre_court"] or indicator["titre"],
        "unite": view["unite"],
        "periode": view["periode_mots"],
        "lignes": view["lignes"],
        "notes": number_notes([line["cellule"] for line in view["lignes"]]),
    }
