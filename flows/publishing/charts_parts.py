"""Two still charts: the spread of an indicator over the communes, and the parts of a quantity in its newest period.

Both are written by hand: circles, bars and texts at known places. Not here: series over time (`charts_draw`).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

from flows.publishing import charts_labels as words
from flows.publishing import charts_model as model_of
from flows.publishing.charts_draw import LARGE, Size
from flows.publishing.charts_hand import line, text, viewbox
from flows.publishing.charts_ink import INK
from flows.publishing.figures import Indicator, Row, bound_of
from flows.publishing.grammar import typographic
from flows.publishing.numbers import figure_with_unit, is_intensive, rounded, with_unit

BAND = 170.0  # the tallest pile of dots, in pixels


@dataclass(frozen=True)
class Still:
    """A raw drawing with its words, before colours and accessibility are added."""

    svg: str
    titre: str
    description: str


def strip(indicator: Indicator, rows: Sequence[Row], periode: str) -> Still:
    """Communes as dots on one axis, the own EPCI and the widest reference as marks. `rows`: known figures, sorted."""
    unit, decimals = str(indicator.meta["unite_courte"] or ""), int(indicator.meta["decimales"] or 0)
    marks = _marks(indicator, periode)
    values = [row["valeur"] for row in rows] + [value for _, value, _ in marks]
    (low, high), steps = model_of.axis(min(values), max(values), False)
    width, left, right, size = 1040.0, 24.0, 1016.0, 15.0

    def said(row: Row) -> str:
        return figure_with_unit(row["valeur"], unit, indicator.decimals("commune"), bound=bound_of(row))

    def x(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    radius, piles = _piles([round(x(row["valeur"]), 1) for row in rows])
    head = len(marks) * size * 1.3 + 8
    base = head + (max(piles) + 1) * (2 * radius + 1) + 6
    root = ET.Element("svg", viewbox(width, base + size * 2.2))
    for step in steps:
        line(root, x(step), base, x(step), base + 5, "filet", 1)
        anchor = "start" if step == steps[0] else "end" if step == steps[-1] else "middle"
        text(root, x(step), base + size * 1.5, model_of.graduation(step, steps), size - 0.5, "doux", anchor)
    line(root, left, base, right, base, "filet", 1)
    _mark_labels(root, [(f"{n} {with_unit(v, unit, decimals)}", x(v), own) for n, v, own in marks], base, width, size)
    for row, level in zip(rows, piles, strict=True):
        dot = ET.SubElement(
            root,
            "circle",
            {
                "cx": f"{x(row['valeur']):.1f}",
                "cy": f"{base - radius - 2 - level * (2 * radius + 1):.1f}",
                "r": f"{radius:g}",
                "fill": INK["encre"],
                "fill-opacity": "0.82",
            },
        )
        ET.SubElement(dot, "title").text = f"{typographic(row['territoire'])} : {said(row)}"
    beside = ", ".join(f"{name} : {with_unit(value, unit, decimals)}" for name, value, _ in marks)
    about = (
        f"Chaque point est une commune ({len(rows)} connues). De {said(rows[0])} à "
        f"{said(rows[-1])}{' ; ' + beside if beside else ''}."
    )
    titre = f"{indicator.meta['titre']}, commune par commune, {indicator.when(periode)}"
    return Still(ET.tostring(root, encoding="unicode"), titre, about)


def _piles(xs: Sequence[float]) -> tuple[float, list[int]]:
    """(radius, level of each dot, `xs` ascending): a dot climbs over those it would hide; dots shrink until the piles
    fit. Only the dots just before are looked at: thousands of communes against all the others took hours."""
    radius = 6.5
    while True:
        levels: list[int] = []
        first = 0
        for i, at in enumerate(xs):
            while at - xs[first] >= 2 * radius + 1:
                first += 1
            taken = set(levels[first:i])
            levels.append(next(level for level in range(len(taken) + 1) if level not in taken))
        if radius <= 2 or (max(levels) + 1) * (2 * radius + 1) <= BAND:
            return radius, levels
        radius -= 0.5


def _marks(indicator: Indicator, periode: str) -> list[tuple[str, float, bool]]:
    """(name, value, is it the own territory) of the EPCI and of the widest comparison with the same period."""
    out = []
    places = [indicator.own, *((s.niveau, s.code) for s in reversed(indicator.comparisons(*indicator.own)))]
    for place in places:
        serie = indicator.serie(*place)
        same = [row for row in serie.known if row["periode"] == periode]
        if same and len(out) < 2:
            out.append((typographic(serie.nom), float(same[0]["valeur"]), place == indicator.own))
    return out


def _mark_labels(
    root: ET.Element, marks: Sequence[tuple[str, float, bool]], base: float, width: float, size: float
) -> None:
    """Names of the marks above the dots, each on its own line, on the side where no other mark stands.

    A name that has another mark on both sides goes to the top line, above where the other mark begins.
    """

    def sides(label: str, x: float, own: bool) -> tuple[bool, bool, float]:
        wide = words.text_width(label, size, bold=own) + 12
        others = [at for _, at, _ in marks if at != x]
        right = x + wide < width and not any(x < at < x + wide for at in others)
        return right, x - wide > 0 and not any(x - wide < at < x for at in others), wide

    rows = sorted(marks, key=lambda mark: any(sides(*mark)[:2]))
    for i, (label, x, own) in enumerate(rows):
        ink, top = ("canal" if own else "doux"), 4 + i * size * 1.3
        line(root, x, top + size * 0.2, x, base, ink, 2 if own else 1.5)
        right, left, wide = sides(label, x, own)
        on_right = right or (not left and x + wide < width)
        side, gap = ("start", 8) if on_right else ("end", -8)
        text(root, x + gap, top + size, label, size, ink, side, bold=own)


@dataclass(frozen=True)
class Part:
    """One part of a quantity; `outside`: shown, but not counted in the total."""

    nom: str
    valeur: float
    outside: bool


def parts_of(indicator: Indicator) -> tuple[str, list[Part]] | None:
    """(period, parts from the largest) of the own territory's newest total, or None.

    Only breakdowns that add up to the published total within 1 % are parts of it; one whose id says `exclu` is shown
    outside. Rates and medians have no parts.
    """
    if is_intensive(str(indicator.meta["unite"])):
        return None
    known = indicator.serie(*indicator.own).known
    if not known or known[-1]["valeur"] <= 0:
        return None
    total, periode = float(known[-1]["valeur"]), str(known[-1]["periode"])
    labels = dict(item.split(":", 1) for item in indicator.meta["ventilations"] or [] if ":" in item)
    found = []
    for ident, label in labels.items():
        same = [row for row in indicator.serie(*indicator.own, ident).known if row["periode"] == periode]
        if same:
            found.append(Part(typographic(label.strip()), float(same[0]["valeur"]), "exclu" in ident))
    inside = [part for part in found if not part.outside]
    if len(inside) < 2 or abs(sum(part.valeur for part in inside) - total) > 0.01 * total:
        return None
    return periode, sorted(found, key=lambda part: (part.outside, -part.valeur, part.nom))


def parts(indicator: Indicator, size: Size = LARGE, *, framed: bool = False) -> Still | None:
    """Horizontal bars of the parts of the newest total; names beside them, above them on a narrow drawing."""
    found = parts_of(indicator)
    if found is None:
        return None
    periode, bars = found
    unit, decimals = str(indicator.meta["unite_courte"] or ""), int(indicator.meta["decimales"] or 0)
    own = indicator.serie(*indicator.own)
    title = typographic(str(indicator.meta["titre"]))
    titre = f"{title}, {typographic(own.nom)}, {indicator.when(periode)}, poste par poste"
    font, width = size.font, float(size.width)
    beside = 0.0 if size.narrow else min(max(words.text_width(b.nom, font) for b in bars) + 16, 420.0)
    values = {bar: with_unit(bar.valeur, unit, decimals) for bar in bars}
    after = max(words.text_width(value, font, bold=True) for value in values.values()) + 14
    room = width - 8 - beside - after
    step, thick = (font * 3.4, font * 1.1) if size.narrow else (font * 2.1, font * 1.35)
    heading = words.wrap(titre, font * 1.25, width - 16, bold=True) if framed else []
    top = 10 + len(heading) * font * 1.6 + (font if framed else 0)
    source = typographic(" ; ".join(sorted({row["source"] for row in own.known[-1:] if row["source"]})))
    foot = words.wrap(f"Source : {source}. Observatoire\u00a02044.", font - 1.5, width - 16) if framed else []
    root = ET.Element("svg", viewbox(width, round(top + len(bars) * step + 8 + len(foot) * font * 1.4)))
    for i, title in enumerate(heading):
        text(root, 8, 8 + font * 1.3 + i * font * 1.6, title, font * 1.25, "encre", "start", bold=True)
    largest = max(bar.valeur for bar in bars)
    for i, bar in enumerate(bars):
        y = top + i * step + (font * 1.5 if size.narrow else 0)
        wide = max(room * bar.valeur / largest, 1.5)
        shape = {"x": f"{8 + beside:.1f}", "y": f"{y:.1f}", "width": f"{wide:.1f}", "height": f"{thick:.1f}"}
        paint = (
            {"fill": "none", "stroke": INK["gris"], "stroke-dasharray": "4 3"}
            if bar.outside
            else {"fill": INK["encre"]}
        )
        ET.SubElement(root, "rect", shape | paint)
        ink = "doux" if bar.outside else "encre"
        middle = y + thick / 2 + font * 0.35
        text(root, 8, y - font * 0.4 if size.narrow else middle, bar.nom, font, ink, "start")
        text(root, 8 + beside + wide + 8, middle, values[bar], font, ink, "start", bold=not bar.outside)
    for i, words_ in enumerate(foot):
        text(root, 8, top + len(bars) * step + font * (1.1 + 1.4 * i), words_, font - 1.5, "doux", "start")
    inside = sum(bar.valeur for bar in bars if not bar.outside)
    shares = [f"{bar.nom} : {values[bar]}" + _share(bar, inside) for bar in bars]
    about = f"{'; '.join(shares).replace('; ', ' ; ')}. Les mêmes valeurs sont dans le tableau."
    return Still(ET.tostring(root, encoding="unicode"), titre, about)


def _share(bar: Part, total: float) -> str:
    return "" if bar.outside else f" ({rounded(100 * bar.valeur / total, 0)}\u00a0%)"
