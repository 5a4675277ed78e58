"""Maps of the communes, drawn from the contours of the release.

A rate or an amount per person is a colour of one hue, in at most five classes with rounded limits; a quantity of a
whole commune (hectares, GWh, inhabitants) is a circle whose area is the quantity, because a colour would show the
size of the commune. Secret figures are hatched, missing ones left empty, the neighbouring communes are outlines.

Class limits: quantiles, each moved to the nearest round number that keeps every class inhabited.

Not here: contours themselves (the warehouse re-encodes them), two-hue maps around a centre, any ranking.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flows.core.periods import sort_key
from flows.core.tables import Release
from flows.publishing.charts_ink import INK, RAMP, finish
from flows.publishing.figures import Indicator, Row, read_indicator
from flows.publishing.maps_draw import HATCH, SPREAD, Canvas, Ground
from flows.publishing.numbers import MISSING, SECRET, figure_with_unit, is_intensive, number, with_unit

# For the page's style sheet: the ramp (light, dark), what is secret or empty. Drawings work without it, in light.
CSS = (
    ":root{--c0:#dfe9ee;--c1:#aecbd9;--c2:#75a5bf;--c3:#3f7ea1;--c4:#1b4f73}"
    "@media (prefers-color-scheme:dark){:root{--c0:#24475c;--c1:#2f6684;--c2:#4288ab;--c3:#76b1ce;--c4:#bfe0ee}}"
    ".c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.c4{fill:var(--c4)}"
    f".secret{{fill:url(#{HATCH})}}.manquant{{fill:var(--carte)}}.rond{{fill:var(--canal)}}"
)


@dataclass(frozen=True)
class Classe:
    """One line of the legend: CSS class of its patch, French words, plain colour of the patch."""

    css: str
    libelle: str
    fond: str


@dataclass(frozen=True)
class Carte:
    """A map for a page. `classes`: its legend, from low to high, then secret and missing when there are any;
    `methode`: how the classes were cut; `brut`, `ident`, `role`: what `fichier` is made from."""

    svg: str
    titre: str
    description: str
    classes: tuple[Classe, ...]
    methode: str
    brut: str
    ident: str
    role: str

    @property
    def fichier(self) -> str:
        """The same drawing with plain colours, for a file of its own."""
        about = {"title": self.titre, "description": self.description}
        return finish(self.brut, ident=self.ident, **about, themed=False, role=self.role)


def commune_map(
    release: Release,
    indicateur: str,
    periode: str | None = None,
    *,
    link: Callable[[str], str] | None = None,
    coarse: bool = False,
) -> Carte | None:
    """The map of an indicator over the communes of the territory.

    Args:
        periode: the period shown; by default the newest in which half of the known communes have a figure.
        link: code of a commune → address of its page; without it the map has no links.
        coarse: outlines in whole units, for a page that must stay light.

    Returns:
        None without contours, without a single known commune, or for quantities that are all nil.
    """
    indicator = read_indicator(release, indicateur)
    ground = _ground(indicator, coarse)
    shapes = ground.shapes
    totals = indicator.figures
    periode = periode or _newest(row for place, rows in totals.series.items() if place[1] in shapes for row in rows)
    figures = {code: row for code, row in totals.at("commune", periode or "").items() if code in shapes}
    known = sorted(float(row["valeur"]) for row in figures.values() if row["valeur"] is not None)
    if not known or periode is None:
        return None
    canvas = Canvas(indicator, ground)
    intensive = is_intensive(str(indicator.meta["unite"]))
    if not intensive and known[-1] <= 0:
        return None  # circles of nothing: the table says the zeros
    limits = breaks(known) if intensive else []
    canvas.draw(figures, limits, intensive, link)
    classes = _legend(indicator, limits, intensive, figures, shapes)
    between = ", " if indicator.meta.get("periode_phrase") else " "
    titre = f"{indicator.meta['titre']}{between}{indicator.when(periode)}, par commune"
    about = _describe(indicator, figures, shapes, known)
    slug = f"carte-{indicator.id}".replace("_", "-")
    raw = ET.tostring(canvas.root, encoding="unicode")
    role = "group" if link else "img"
    return Carte(
        svg=finish(raw, ident=slug, title=titre, description=about, themed=True, css="carte", role=role),
        titre=titre,
        description=about,
        classes=classes,
        methode=(
            "Classes comptant à peu près autant de communes, aux bornes arrondies."
            if intensive
            else "L’aire de chaque cercle est proportionnelle à la quantité."
        ),
        brut=raw,
        ident=slug,
        role=role,
    )


# The ground of the newest release drawn, fine and coarse: the same for all its indicators.
_drawn: dict[bool, tuple[Any, Ground]] = {}


def _ground(indicator: Indicator, coarse: bool) -> Ground:
    territories = indicator.territories
    known = _drawn.get(coarse)
    if known is None or known[0] is not territories:
        told = sorted(territories.items())
        members = {code: row for (_, code), row in told if row["role"] == "membre"}
        neighbours = {code: row for (_, code), row in told if row["role"] == "membre_voisin"}
        known = _drawn[coarse] = (territories, Ground(members, neighbours, coarse))
    return known[1]


def _newest(rows: Iterable[Row]) -> str | None:
    known: dict[str, int] = {}
    for row in rows:
        if row["valeur"] is not None and row["territoire_niveau"] == "commune":
            known[row["periode"]] = known.get(row["periode"], 0) + 1
    if not known:
        return None
    enough = [period for period, n in known.items() if 2 * n >= max(known.values())]
    return max(enough, key=sort_key)


def breaks(values: Sequence[float], wanted: int = 5) -> list[float]:
    """Inner limits of at most `wanted` classes: rounded quantiles that leave no class empty.

    Args:
        values: known figures, sorted. Fewer distinct figures give fewer classes.
    """
    distinct = sorted(set(values))
    classes = min(wanted, len(distinct), max(1, len(values) // 3))
    limits: list[float] = []
    for i in range(1, classes):
        at = i * len(values) / classes
        slack = len(values) // (4 * classes)  # a few communes either side buy a rounder limit
        middle = math.ceil(at)
        below, above = values[max(middle - 1 - slack, 0)], values[min(middle + slack, len(values) - 1)]
        if above == below:
            later = [value for value in distinct if value > below]
            if not later:
                continue
            above = later[0]
        limit = _round_between(below, above)
        if (not limits or limit > limits[-1]) and any((limits[-1:] or [-math.inf])[0] <= v < limit for v in values):
            limits.append(limit)
    while limits and not any(value >= limits[-1] for value in values):
        limits.pop()
    return limits


def _round_between(low: float, high: float) -> float:
    """The roundest number in ]low, high]: the one with the fewest digits, the middle-most of those."""
    for power in range(9, -7, -1):
        for digit in (5, 2, 1):
            step = digit * 10.0**power
            first = math.floor(low / step) + 1
            last = math.floor(high / step + 1e-9)
            if first <= last:
                middle = (low + high) / 2 / step
                return round(min(range(first, last + 1), key=lambda k: (abs(k - middle), k)) * step, 9)
    return high


def _legend(
    indicator: Indicator,
    limits: Sequence[float],
    intensive: bool,
    figures: dict[str, Row],
    shapes: dict[str, list[list[tuple[float, float]]]],
) -> tuple[Classe, ...]:
    out: list[Classe] = []
    unit, decimals = str(indicator.meta["unite_courte"] or ""), indicator.decimals("commune")
    if intensive:
        indexes = SPREAD[len(limits) + 1]
        for i, index in enumerate(indexes):
            out.append(Classe(f"c{index}", _range(limits, i, unit, decimals), RAMP[index]))
    else:
        largest = max(float(row["valeur"]) for row in figures.values() if row["valeur"] is not None)
        out.append(Classe("rond", f"jusqu’à {with_unit(largest, unit, decimals)}", INK["canal"]))
    if any(row["statut"] == "secret" for row in figures.values()):
        out.append(Classe("secret", SECRET, INK["gris"]))
    if any(code not in figures or _missing(figures[code]) for code in shapes):
        out.append(Classe("manquant", MISSING, INK["papier"]))
    return tuple(out)


def _missing(row: Row) -> bool:
    return row["valeur"] is None and row["statut"] != "secret"


def _range(limits: Sequence[float], i: int, unit: str, decimals: int) -> str:
    shown = max(0, min(decimals, max((len(f"{x:.6f}".rstrip("0").partition(".")[2]) for x in limits), default=0)))
    if not limits:
        return "toutes les communes connues"
    if i == 0:
        return f"moins de {with_unit(limits[0], unit, shown)}"
    if i == len(limits):
        return f"{with_unit(limits[-1], unit, shown)} et plus"
    return f"de {number(limits[i - 1], shown)} à moins de {with_unit(limits[i], unit, shown)}"


def _describe(
    indicator: Indicator,
    figures: dict[str, Row],
    shapes: dict[str, list[list[tuple[float, float]]]],
    known: Sequence[float],
) -> str:
    unit, decimals = str(indicator.meta["unite_courte"] or ""), indicator.decimals("commune")
    secret = sum(row["statut"] == "secret" for row in figures.values())
    missing = sum(code not in figures or _missing(figures[code]) for code in shapes)
    low, high = figure_with_unit(known[0], unit, decimals), figure_with_unit(known[-1], unit, decimals)
    text = f"{len(known)} communes connues, de {low} à {high}"
    if secret:
        text += f" ; {secret} sous secret statistique"
    if missing:
        text += f" ; {missing} sans chiffre"
    return f"{text}. Les mêmes valeurs sont dans le tableau."
