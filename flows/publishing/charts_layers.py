"""The layers of a chart, from back to front: bands, grid, comparisons, trajectory, figures, marks, words.

Altair writes the frame (scales, axes, size, style) once; the layers are plain Vega-Lite dictionaries hung on it,
because an Altair layer is copied whole several times over, which cost three quarters of a drawing.

Imported only where a chart is drawn, because Altair takes about a second to import. Not here: any choice of what is
shown (`charts_model`) or of where words go (`charts_labels`), the title and source of a file (`charts_draw`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from flows.publishing import charts_labels as words
from flows.publishing.charts_draw import Frame, Layout, Size, notes_of, year_ticks
from flows.publishing.charts_ink import FONT, INK
from flows.publishing.charts_model import Curve, Model, _decimals

Rows = list[dict[str, Any]]
Layer = dict[str, Any]
_UP_TO = {"y2": {"field": "z"}}  # a mark from y to z
_TEXT = {"text": {"field": "t", "type": "nominal"}}


def spec(layout: Layout, size: Size) -> dict[str, Any]:
    """The Vega-Lite specification of a drawing."""
    model, frame, placement = layout.model, layout.frame, layout.placement
    pen = _Pen(model, size, frame)
    layers: list[Layer] = []
    if model.kind == "barres":
        layers += pen.bars()
    layers += pen.bounds()
    layers += pen.trajectory()
    layers += pen.marks(placement)
    for curve in model.others:
        layers += pen.line(curve, INK["compare"], 1.75)
    if model.kind == "courbe":
        layers += pen.line(model.own, INK["encre"], 2.6 if len(model.own.dots) > 60 else 3.5)
        layers += pen.points()
    layers += pen.target()
    layers += pen.words(placement)
    layers += pen.margins(notes_of(model, size, layout.short_breaks))
    whole = pen.frame_dict()
    whole["layer"] += layers
    return whole


class _Pen:
    """Layers that share one pair of scales, and the frame that holds them."""

    def __init__(self, model: Model, size: Size, frame: Frame) -> None:
        self.model, self.size, self.frame = model, size, frame
        small = size.font - 0.5
        decimals = max(_decimals(step) for step in model.steps)
        x = alt.X(
            "x:Q",
            scale=alt.Scale(domain=list(frame.years), nice=False, zero=False),
            axis=alt.Axis(
                values=year_ticks(model, frame, size),
                format="d",
                title=None,
                grid=False,
                domain=False,
                tickColor=INK["filet"],
                tickSize=5,
                labelColor=INK["doux"],
                labelFontSize=small,
                labelPadding=5,
                labelOverlap=False,
                labelFlush=False,
            ),
        )
        y = alt.Y(
            "y:Q",
            scale=alt.Scale(domain=list(frame.values), nice=False, zero=False),
            axis=alt.Axis(
                values=list(model.steps),
                format=f",.{decimals}f",
                title=None,
                grid=True,
                gridColor=INK["filet"],
                gridWidth=1,
                domain=False,
                ticks=False,
                labelColor=INK["doux"],
                labelFontSize=small,
                labelPadding=9,
                labelOverlap=False,
            ),
        )

        nothing = [{"x": frame.years[0], "y": frame.values[0]}]
        ground = alt.Chart(alt.Data(values=nothing)).mark_point(opacity=0, size=0, color=INK["papier"])
        chart = alt.layer(ground.encode(x=x, y=y)).properties(
            width=frame.right - frame.left,
            height=frame.bottom - frame.top,
            padding={
                "left": frame.left,
                "top": frame.top,
                "right": size.width - frame.right,
                "bottom": size.height - frame.bottom,
            },
            autosize=alt.AutoSizeParams(type="none"),
            background="transparent",
        )
        chart = chart.configure(font=FONT, aria=False).configure_view(stroke=None)
        self._frame = chart.to_dict(validate=False)  # our own marks: validating costs four times the drawing
        # The first layer alone carries scales and axes: repeated on each they give the same drawing, later.
        self._places = {channel: {"field": channel, "type": "quantitative"} for channel in "xy"}

    def frame_dict(self) -> dict[str, Any]:
        """The frame with one invisible mark: its `layer` takes the others."""
        return self._frame

    def _layer(self, mark: str, rows: Rows, *, encode: dict[str, Any] | None = None, **style: Any) -> Layer:
        """A mark on the shared scales; `encode` adds channels to x and y."""
        return {
            "data": {"values": rows},
            "mark": {"type": mark} | style,
            "encoding": self._places | (encode or {}),
        }

    def line(self, curve: Curve, colour: str, width: float) -> list[Layer]:
        out = []
        for part in curve.segments:
            if len(part) < 2:
                lone = [{"x": part[0].x, "y": part[0].y}]
                out.append(self._layer("point", lone, fill=colour, stroke=colour, size=26, opacity=1, filled=False))
                continue
            rows = [{"x": dot.x, "y": dot.y} for dot in part]
            mark = {"stroke": colour, "strokeWidth": width, "strokeJoin": "round", "strokeCap": "round"}
            out.append(self._layer("line", rows, interpolate="linear", **mark))
        return out

    def points(self) -> list[Layer]:
        dots = self.model.own.dots
        # Fifty points of nine pixels would hide the line: only the last and the hollow ones are then drawn.
        dense = len(dots) > 24
        out = []
        for hollow in (False, True):
            rows = [
                {"x": dot.x, "y": dot.y}
                for i, dot in enumerate(dots)
                if dot.hollow is hollow and (hollow or not dense or i == len(dots) - 1)
            ]
            if rows:
                fill = INK["papier"] if hollow else INK["encre"]
                width = 2.2 if hollow else 1
                look = {"fill": fill, "stroke": INK["encre"], "strokeWidth": width, "size": 74, "opacity": 1}
                out.append(self._layer("point", rows, filled=False, **look))
        return out

    def bounds(self) -> list[Layer]:
        """The soft band of uncertainty of the own figures, or a thin bar where only one has bounds."""
        out = []
        for part in self.model.own.segments:
            rows = [{"x": d.x, "y": d.low, "z": d.high} for d in part if d.low is not None and d.high is not None]
            if len(rows) > 1:
                out.append(self._layer("area", rows, encode=_UP_TO, fill=INK["encre"], opacity=0.13))
            elif rows:
                look = {"stroke": INK["encre"], "strokeWidth": 6, "opacity": 0.2}
                out.append(self._layer("rule", rows, encode=_UP_TO, **look))
        return out

    def trajectory(self) -> list[Layer]:
        points = self.model.trajectory
        if not points:
            return []
        out = []
        band = [{"x": x, "y": low, "z": high} for x, _, low, high in points if low is not None and high is not None]
        if len(band) > 1:
            out.append(self._layer("area", band, encode=_UP_TO, fill=INK["canal"], opacity=0.14))
        if len(points) > 1:
            rows = [{"x": x, "y": y} for x, y, _, _ in points]
            out.append(self._layer("line", rows, stroke=INK["canal"], strokeWidth=2.4, strokeDash=[8, 6]))
        return out

    def target(self) -> list[Layer]:
        if not self.model.target:
            return []
        x, y, _ = self.model.target
        look = {"fill": INK["papier"], "stroke": INK["canal"], "strokeWidth": 3.2, "size": 150, "opacity": 1}
        return [self._layer("point", [{"x": x, "y": y}], filled=False, **look)]

    def marks(self, placement: words.Placement) -> list[Layer]:
        """Vertical marks: today (dotted), breaks (short dashes), interrupted where a word stands on them."""
        low, high = self.frame.values
        out = []
        verticals = [(year, INK["ocre"], [5, 4]) for year, _, _ in self.model.breaks]
        if self.model.today is not None:
            verticals.append((self.model.today, INK["doux"], [1.5, 4]))
        for year, colour, dash in verticals:
            px = self.frame.x(year)
            taken = sorted(
                (self.frame.value(item.box.bottom + 3), self.frame.value(item.box.top - 3))
                for item in placement.placed
                if item.box.left - 2 <= px <= item.box.right + 2
            )
            pieces, start = [], low
            for bottom, top in taken:
                if bottom > start:
                    pieces.append({"x": year, "y": start, "z": min(bottom, high)})
                start = max(start, top)
            if start < high:
                pieces.append({"x": year, "y": start, "z": high})
            look = {"stroke": colour, "strokeWidth": 1.5, "strokeDash": dash, "strokeCap": "round"}
            out.append(self._layer("rule", pieces, encode=_UP_TO, **look))
        return out

    def bars(self) -> list[Layer]:
        dots = self.model.own.dots
        room = self.frame.x(self.frame.years[0] + 1) - self.frame.left
        width = max(4.0, min(56.0, room * 0.68))
        out = []
        for hollow in (False, True):
            rows = [{"x": dot.x, "y": dot.y, "z": 0} for dot in dots if dot.hollow is hollow]
            if rows:
                look = {"fill": INK["papier"] if hollow else INK["encre"], "stroke": INK["encre"], "strokeWidth": 1.5}
                out.append(self._layer("bar", rows, encode=_UP_TO, width=width, opacity=1, **look))
        texts = [self.model.said(dot.y).split("\u00a0")[0] for dot in dots]
        widest = max(words.text_width(text, self.size.font - 1) for text in texts)
        shown = range(len(dots)) if widest <= room - 2 else [len(dots) - 1]
        rows = [{"x": dots[i].x, "y": dots[i].y, "t": texts[i]} for i in shown]
        look = {"fill": INK["encre"], "fontSize": self.size.font - 1, "dy": -6}
        return [*out, self._layer("text", rows, encode=_TEXT, baseline="bottom", align="center", **look)]

    def words(self, placement: words.Placement) -> list[Layer]:
        out: list[Layer] = []
        leaders = [item.leader for item in placement.placed if item.leader]
        if leaders:
            rows = [
                self._at(x, y) | {"g": i}
                for i, (x0, y0, x1, y1) in enumerate(leaders)
                for x, y in ((x0, y0), (x1, y1))
            ]
            each = {"detail": {"field": "g", "type": "nominal"}}
            look = {"stroke": INK["compare"], "strokeWidth": 1, "strokeDash": [2, 2]}
            out.append(self._layer("line", rows, encode=each, **look))
        texts = []
        for item in placement.placed:
            label = item.label
            left = item.align == "left"
            for i, (text, bold) in enumerate(label.lines):
                at = self._at(item.box.left if left else item.box.right, item.box.top + label.size * words.LINE * i)
                texts.append((at, text, label.size, label.kind, bold, item.align))
        return out + self._texts(texts, halo=True)

    def margins(self, notes: Sequence[tuple[str, str]]) -> list[Layer]:
        """The unit above the axis and the notes below it."""
        model, size, frame = self.model, self.size, self.frame
        texts = []
        unit = words.wrap(model.unite, size.font - 0.5, size.width - 20)
        top = frame.top - size.font * (1.05 + 1.2 * len(unit)) if len(unit) > 1 else frame.top - size.font * 2.1
        for i, text in enumerate(unit):
            texts.append((self._at(8, top + i * size.font * 1.2), text, size.font - 0.5, "doux", False, "left"))
        base = frame.bottom + size.font * 2.15
        for i, (text, ink) in enumerate(notes):
            texts.append((self._at(8, base + i * size.font * 1.3), text, size.font - 1.5, ink, False, "left"))
        return self._texts(texts)

    def _at(self, x: float, y: float) -> dict[str, Any]:
        return {"x": round(self.frame.year(x), 6), "y": round(self.frame.value(y), 6)}

    def _texts(
        self, texts: Sequence[tuple[dict[str, Any], str, float, str, bool, str]], *, halo: bool = False
    ) -> list[Layer]:
        """Texts by their top corner: (place, text, size, colour, bold, side); one layer a style.

        A halo of paper keeps the grid from crossing them.
        """
        styles: dict[tuple[float, str, bool, str], Rows] = {}
        for at, text, size, ink, bold, align in texts:
            styles.setdefault((size, ink, bold, align), []).append(at | {"t": text})
        ghosts, marks = [], []
        for (size, ink, bold, align), rows in styles.items():
            common = {
                "fontSize": size,
                "fontWeight": 700 if bold else 400,
                "align": align,
                "baseline": "top",
                "limit": 0,
            }
            if halo:
                paper = {"fill": INK["papier"], "stroke": INK["papier"], "strokeWidth": 5, "strokeJoin": "round"}
                ghosts.append(self._layer("text", rows, encode=_TEXT, **paper, **common))
            marks.append(self._layer("text", rows, encode=_TEXT, fill=INK[ink], **common))
        return ghosts + marks
