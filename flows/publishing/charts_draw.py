"""Drawing of a chart model: Altair layers, vl-convert's SVG, then colours that a page can turn dark.

Data marks and axes are in the units of the figures; only words are placed by pixels (`charts_labels`) and handed back
to the same scales. Colours and accessibility: `charts_ink`.

Not here: what is shown (`charts_model`), the conversion cost: one drawing takes about 25 ms after the first.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

from flows.publishing import charts_labels as words
from flows.publishing.charts_hand import text, viewbox
from flows.publishing.charts_ink import SVG, finish
from flows.publishing.charts_model import Curve, Model, graduation
from flows.publishing.drawn import drawn
from flows.publishing.numbers import NARROW

_LOCALE = {"decimal": ",", "thousands": NARROW, "grouping": [3], "currency": ["", "\u00a0€"], "minus": "\u2212"}


@dataclass(frozen=True)
class Size:
    """A drawing's outer size and type, in pixels."""

    width: int
    height: int
    font: float
    side: float  # widest label allowed beside the plot
    narrow: bool = False


LARGE = Size(1040, 450, 15, 168)
NARROW_SIZE = Size(380, 400, 13, 104, narrow=True)


@dataclass(frozen=True)
class Frame:
    """The plot area inside the drawing and the scales of a model in it."""

    left: float
    top: float
    right: float
    bottom: float
    years: tuple[float, float]
    values: tuple[float, float]

    def x(self, year: float) -> float:
        first, last = self.years
        return self.left + (self.right - self.left) * (year - first) / (last - first)

    def y(self, value: float) -> float:
        low, high = self.values
        return self.bottom - (self.bottom - self.top) * (value - low) / (high - low)

    def year(self, x: float) -> float:
        first, last = self.years
        return first + (last - first) * (x - self.left) / (self.right - self.left)

    def value(self, y: float) -> float:
        low, high = self.values
        return low + (high - low) * (self.bottom - y) / (self.bottom - self.top)


def frame_of(model: Model, size: Size, short_breaks: bool = False) -> Frame:
    """The plot area: room for graduations at the left, for words at the right, for the unit above."""
    ticks = max(words.text_width(graduation(step, model.steps), size.font) for step in model.steps)
    left = ticks + 16
    beside = bool(model.others) or (bool(model.target) and not size.narrow)
    ends = [curve.dots[-1].x for curve in (model.own, *model.others)]
    short = max(ends) < model.years[0] + 0.72 * (model.years[1] - model.years[0])
    margin = size.side + 20 if beside else (30 if size.narrow else 120)
    if short and (size.narrow or not model.target):
        margin = 24 if size.narrow else 90  # names fit inside the plot, right of the lines that stop early
    if model.kind == "barres":
        margin = 12
    first, last = model.years
    pad = (last - first) * (0.5 / max(len(model.own.dots), 1) if model.kind == "barres" else 0.012)
    return Frame(
        left=round(left, 1),
        top=size.font * 2.4,
        right=size.width - margin,
        bottom=size.height - size.font * (2.1 + 1.3 * len(notes_of(model, size, short_breaks))),
        years=(first - pad, last + pad),
        values=model.values,
    )


def notes_of(model: Model, size: Size, short_breaks: bool) -> list[tuple[str, str]]:
    """Lines below the axis: (text, colour's name); a reason of break comes here when it finds no room at its mark."""
    notes = []
    if short_breaks:
        notes += [(break_words(periode, reason), "ocre") for _, periode, reason in model.breaks]
    if model.simulated:
        notes.append(("Données simulées pour la démonstration.", "ocre"))
    if not model.from_zero:
        notes.append(("L’axe ne part pas de zéro.", "doux"))
    return [(line, ink) for text, ink in notes for line in words.wrap(text, size.font - 1.5, size.width - 20)]


def break_words(periode: str, reason: str) -> str:
    """The reason of a break, up to its first colon, semicolon or full stop: the page gives the rest."""
    return f"{periode} : {re.split(r' ?: |[;.]', reason)[0].strip()}"


def labels_of(model: Model, size: Size, short_breaks: bool = False) -> list[words.Label]:
    """The words of a chart, most important first, tied to unplaced points (years, values)."""
    out: list[words.Label] = []
    if model.kind == "courbe":
        out.append(_end_label(model, model.own, size, "encre", bold=True))
        if model.target:
            year, value, lines = model.target
            wrapped = [part for line in lines for part in words.wrap(line, size.font, size.side)]
            texts = tuple((line, i == 0) for i, line in enumerate(wrapped))
            out.append(words.Label(texts, (year, value), "canal", size.font))
        out += [_end_label(model, curve, size, "doux", bold=False) for curve in model.others]
    for year, periode, reason in model.breaks:
        shown = f"rupture {periode}" if short_breaks else break_words(periode, reason)
        lines = words.wrap(shown, size.font - 1, 190)
        out.append(
            words.Label(tuple((t, False) for t in lines), (year, model.values[1]), "ocre", size.font - 1, False)
        )
    if model.today is not None:
        out.append(
            words.Label((("aujourd’hui", False),), (model.today, model.values[1]), "doux", size.font - 1, False)
        )
    return out


def _end_label(model: Model, curve: Curve, size: Size, kind: str, *, bold: bool) -> words.Label:
    newest = model.own.dots[-1].periode
    last = curve.dots[-1]
    # Another year's figure beside the newest one would mislead if it did not say its year.
    said = model.said(last.y) + ("" if last.periode == newest else f" ({last.periode})")
    whole = words.wrap(f"{curve.nom} {said}", size.font, size.side, bold=bold)
    if len(whole) > 1:  # the name on its own lines, then the figure on one line
        whole = [*words.wrap(curve.nom, size.font, size.side, bold=bold), said]
    return words.Label(tuple((line, bold) for line in whole), (last.x, last.y), kind, size.font)


@dataclass(frozen=True)
class Layout:
    """A model with its frame and the places of its words; comparisons that found no room have left the model."""

    model: Model
    frame: Frame
    placement: words.Placement
    short_breaks: bool


def lay_out(model: Model, size: Size) -> Layout:
    """Find a drawing without a collision: first with every word at its mark, then with the reasons of breaks below
    the axis, then without the comparison territory that is closest in size, and so on; the table keeps them all."""
    while True:
        for short_breaks in (False, True) if model.breaks else (False,):
            frame = frame_of(model, size, short_breaks)
            placement = arrange(model, size, frame, short_breaks)
            if not placement.collisions:
                return Layout(model, frame, placement, short_breaks)
        if not model.others:
            return Layout(model, frame, placement, short_breaks)
        # Comparisons come in the order of dim_territory, from the nearest to the widest.
        model = dataclasses.replace(model, others=model.others[1:])


def arrange(model: Model, size: Size, frame: Frame, short_breaks: bool = False) -> words.Placement:
    """Labels of the model placed in the frame, clear of every line and point."""
    segments: list[words.Segment] = []
    points: list[words.Point] = []
    for curve in (model.own, *model.others) if model.kind == "courbe" else ():
        for part in curve.segments:
            at = [(frame.x(dot.x), frame.y(dot.y)) for dot in part]
            segments += [(*a, *b) for a, b in itertools.pairwise(at)]
        if curve is not model.own:
            points += [(frame.x(part[-1].x), frame.y(part[-1].y)) for part in curve.segments]
        if curve is model.own:
            points += [(frame.x(dot.x), frame.y(dot.y)) for dot in curve.dots]
    if model.kind == "barres":
        segments += [(frame.x(d.x), frame.y(0), frame.x(d.x), frame.y(d.y) - 8) for d in model.own.dots]
    road = [(frame.x(year), frame.y(value)) for year, value, _, _ in model.trajectory]
    segments += [(*a, *b) for a, b in itertools.pairwise(road)]
    if model.target:
        points.append((frame.x(model.target[0]), frame.y(model.target[1])))
    years = [*(year for year, _, _ in model.breaks), *([model.today] if model.today is not None else [])]
    marks = [(frame.x(year), frame.top, frame.x(year), frame.bottom) for year in years]
    placed = [
        words.Label(
            label.lines, (frame.x(label.anchor[0]), frame.y(label.anchor[1])), label.kind, label.size, label.around
        )
        for label in labels_of(model, size, short_breaks)
    ]
    limits = words.Box(frame.left + 2, frame.top - size.font * 0.9, size.width - 2, frame.bottom - 3)
    return words.place(placed, segments, points, limits, marks)


def year_ticks(model: Model, frame: Frame, size: Size) -> list[int]:
    """Whole years of the time axis, as many as fit, always at a round distance of each other."""
    first, last = int(-(-model.years[0] // 1)), int(model.years[1])
    room = (frame.right - frame.left) / (words.text_width("2044", size.font) + 18)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if (last - first) / s + 1 <= max(room, 2))
    start = first if step == 1 else first + (-first) % step
    return list(range(start, last + 1, step))


def raw(model: Model, size: Size) -> str:
    """The SVG of a model as Vega writes it: colours of the palette, no title, no accessible name."""
    from flows.publishing.charts_layers import spec  # altair costs a second to import

    wanted = spec(lay_out(model, size), size)

    def make() -> bytes:
        import vl_convert as vlc  # 0.4 s and 100 MB: only where a chart is drawn

        return vlc.vegalite_to_svg(wanted, format_locale=_LOCALE, allowed_base_urls=[]).encode()

    return drawn("svg", json.dumps(wanted, sort_keys=True, ensure_ascii=False), make).decode()


def draw(model: Model, size: Size, *, ident: str, description: str) -> str:
    """The SVG of a model for a page, in the page's colours.

    Args:
        ident: prefix of the ids of its title and description, unique on the page.
    """
    return page_svg(raw(model, size), model, ident=ident, description=description)


def page_svg(drawing: str, model: Model, *, ident: str, description: str) -> str:
    """A raw drawing made ready for a page."""
    return finish(drawing, ident=ident, title=model.titre, description=description, themed=True)


def file_svg(drawing: str, model: Model, size: Size, *, ident: str, description: str) -> str:
    """A raw drawing made ready to leave the site: between its visible title and its source, in plain colours.

    The page's drawing is moved down as it is: drawing it a second time would cost as much as the first.
    """
    heading = words.wrap(model.titre, size.font * 1.25, size.width - 20, bold=True)
    said = f"Source : {model.source}. Observatoire\u00a02044." if model.source else "Observatoire\u00a02044."
    foot = words.wrap(said, size.font - 1.5, size.width - 20)
    head = len(heading) * size.font * 1.6 + 6
    below = head + size.height + size.font * 0.4
    root = ET.Element(f"{{{SVG}}}svg", viewbox(size.width, int(below + size.font * 1.3 * len(foot) + 8)))
    del root.attrib["xmlns"]  # the qualified names already say it
    for i, line in enumerate(heading):
        text(root, 8, 8 + size.font * (1 + 1.6 * i), line, size.font * 1.25, "encre", "start", bold=True)
    plot = ET.SubElement(root, f"{{{SVG}}}g", {"transform": f"translate(0,{head:g})"})
    plot.extend(list(ET.fromstring(drawing)))
    for i, line in enumerate(foot):
        text(root, 8, below + size.font * (0.8 + 1.3 * i), line, size.font - 1.5, "doux", "start")
    whole = ET.tostring(root, encoding="unicode")
    return finish(whole, ident=ident, title=model.titre, description=description, themed=False)
