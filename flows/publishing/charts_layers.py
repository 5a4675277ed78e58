"""The Altair layers of a chart, from back to front: bands, grid, comparisons, trajectory, figures, marks, words.

Imported only where a chart is drawn, because Altair takes about a second to import. Not here: any choice of what is
shown (`charts_model`) or of where words go (`charts_labels`).
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


def spec(layout: Layout, size: Size, title: Sequence[str], source: Sequence[str]) -> dict[str, Any]:
    """The Vega-Lite specification of a drawing."""
    model, frame, placement = layout.model, layout.frame, layout.placement
    pen = _Pen(model, size, frame)
    layers = [pen.axes()]
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
    layers += pen.margins(title, notes_of(model, size, layout.short_breaks), source)
    chart = alt.layer(*layers).properties(
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
    return chart.to_dict(validate=False)  # our own marks: validating costs four times the drawing


class _Pen:
    """Layers that share one pair of scales."""

    def __init__(self, model: Model, size: Size, frame: Frame) -> None:
        self.model, self.size, self.frame = model, size, frame
        small = size.font - 0.5
        decimals = max(_decimals(step) for step in model.steps)
        self.x = alt.X(
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
        self.y = alt.Y(
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

    def _chart(self, rows: Rows) -> alt.Chart:
        return alt.Chart(alt.Data(values=rows))

    def axes(self) -> alt.Chart:
        nothing = [{"x": self.frame.years[0], "y": self.frame.values[0]}]
        return self._chart(nothing).mark_point(opacity=0, size=0, color=INK["papier"]).encode(x=self.x, y=self.y)

    def line(self, curve: Curve, colour: str, width: float) -> list[alt.Chart]:
        out = []
        for part in curve.segments:
            if len(part) < 2:
                lone = [{"x": part[0].x, "y": part[0].y}]
                dot = self._chart(lone).mark_point(fill=colour, stroke=colour, size=26, opacity=1, filled=False)
                out.append(dot.encode(x=self.x, y=self.y))
                continue
            rows = [{"x": dot.x, "y": dot.y} for dot in part]
            mark = {"stroke": colour, "strokeWidth": width, "strokeJoin": "round", "strokeCap": "round"}
            out.append(self._chart(rows).mark_line(interpolate="linear", **mark).encode(x=self.x, y=self.y))
        return out

    def points(self) -> list[alt.Chart]:
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
                mark = self._chart(rows).mark_point(
                    fill=fill, stroke=INK["encre"], strokeWidth=2.2 if hollow else 1, size=74, opacity=1, filled=False
                )
                out.append(mark.encode(x=self.x, y=self.y))
        return out

    def bounds(self) -> list[alt.Chart]:
        """The soft band of uncertainty of the own figures, or a thin bar where only one has bounds."""
        out = []
        for part in self.model.own.segments:
            rows = [{"x": d.x, "y": d.low, "z": d.high} for d in part if d.low is not None and d.high is not None]
            if len(rows) > 1:
                area = self._chart(rows).mark_area(fill=INK["encre"], opacity=0.13)
                out.append(area.encode(x=self.x, y=self.y, y2="z:Q"))
            elif rows:
                rule = self._chart(rows).mark_rule(stroke=INK["encre"], strokeWidth=6, opacity=0.2)
                out.append(rule.encode(x=self.x, y=self.y, y2="z:Q"))
        return out

    def trajectory(self) -> list[alt.Chart]:
        points = self.model.trajectory
        if not points:
            return []
        out = []
        band = [{"x": x, "y": low, "z": high} for x, _, low, high in points if low is not None and high is not None]
        if len(band) > 1:
            area = self._chart(band).mark_area(fill=INK["canal"], opacity=0.14)
            out.append(area.encode(x=self.x, y=self.y, y2="z:Q"))
        if len(points) > 1:
            rows = [{"x": x, "y": y} for x, y, _, _ in points]
            line = self._chart(rows).mark_line(stroke=INK["canal"], strokeWidth=2.4, strokeDash=[8, 6])
            out.append(line.encode(x=self.x, y=self.y))
        return out

    def target(self) -> list[alt.Chart]:
        if not self.model.target:
            return []
        x, y, _ = self.model.target
        ring = self._chart([{"x": x, "y": y}]).mark_point(
            fill=INK["papier"], stroke=INK["canal"], strokeWidth=3.2, size=150, opacity=1, filled=False
        )
        return [ring.encode(x=self.x, y=self.y)]

    def marks(self, placement: words.Placement) -> list[alt.Chart]:
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
            rule = self._chart(pieces).mark_rule(stroke=colour, strokeWidth=1.5, strokeDash=dash, strokeCap="round")
            out.append(rule.encode(x=self.x, y=self.y, y2="z:Q"))
        return out

    def bars(self) -> list[alt.Chart]:
        dots = self.model.own.dots
        room = self.frame.x(self.frame.years[0] + 1) - self.frame.left
        width = max(4.0, min(56.0, room * 0.68))
        out = []
        for hollow in (False, True):
            rows = [{"x": dot.x, "y": dot.y, "z": 0} for dot in dots if dot.hollow is hollow]
            if rows:
                bar = self._chart(rows).mark_bar(
                    width=width,
                    fill=INK["papier"] if hollow else INK["encre"],
                    stroke=INK["encre"],
                    strokeWidth=1.5,
                    opacity=1,
                )
                out.append(bar.encode(x=self.x, y=self.y, y2="z:Q"))
        texts = [self.model.said(dot.y).split("\u00a0")[0] for dot in dots]
        widest = max(words.text_width(text, self.size.font - 1) for text in texts)
        shown = range(len(dots)) if widest <= room - 2 else [len(dots) - 1]
        rows = [{"x": dots[i].x, "y": dots[i].y, "t": texts[i]} for i in shown]
        label = self._chart(rows).mark_text(
            fill=INK["encre"], fontSize=self.size.font - 1, dy=-6, baseline="bottom", align="center"
        )
        return [*out, label.encode(x=self.x, y=self.y, text="t:N")]

    def words(self, placement: words.Placement) -> list[alt.Chart]:
        out: list[alt.Chart] = []
        leaders = [item.leader for item in placement.placed if item.leader]
        if leaders:
            rows = [
                self._at(x, y) | {"g": i}
                for i, (x0, y0, x1, y1) in enumerate(leaders)
                for x, y in ((x0, y0), (x1, y1))
            ]
            line = self._chart(rows).mark_line(stroke=INK["compare"], strokeWidth=1, strokeDash=[2, 2])
            out.append(line.encode(x=self.x, y=self.y, detail="g:N"))
        texts = []
        for item in placement.placed:
            label = item.label
            left = item.align == "left"
            for i, (text, bold) in enumerate(label.lines):
                at = self._at(item.box.left if left else item.box.right, item.box.top + label.size * words.LINE * i)
                texts.append((at, text, label.size, label.kind, bold, item.align))
        return out + self._texts(texts, halo=True)

    def margins(
        self, title: Sequence[str], notes: Sequence[tuple[str, str]], source: Sequence[str]
    ) -> list[alt.Chart]:
        """The unit above the axis, the notes below it and, for a file, the title and the source."""
        model, size, frame = self.model, self.size, self.frame
        texts = []
        unit = words.wrap(model.unite, size.font - 0.5, size.width - 20)
        top = frame.top - size.font * (1.05 + 1.2 * len(unit)) if len(unit) > 1 else frame.top - size.font * 2.1
        for i, text in enumerate(unit):
            texts.append((self._at(8, top + i * size.font * 1.2), text, size.font - 0.5, "doux", False, "left"))
        base = frame.bottom + size.font * 2.15
        for i, (text, ink) in enumerate(notes):
            texts.append((self._at(8, base + i * size.font * 1.3), text, size.font - 1.5, ink, False, "left"))
        for i, text in enumerate(title):
            texts.append((self._at(8, 8 + i * size.font * 1.6), text, size.font * 1.25, "encre", True, "left"))
        for i, text in enumerate(reversed(source)):
            below = size.height - size.font * (1.5 + 1.3 * i)
            texts.append((self._at(8, below), text, size.font - 1.5, "doux", False, "left"))
        return self._texts(texts)

    def _at(self, x: float, y: float) -> dict[str, Any]:
        return {"x": round(self.frame.year(x), 6), "y": round(self.frame.value(y), 6)}

    def _texts(
        self, texts: Sequence[tuple[dict[str, Any], str, float, str, bool, str]], *, halo: bool = False
    ) -> list[alt.Chart]:
        """Texts by their top corner: (place, text, size, colour, bold, side); one layer a style, to spare Altair.

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
            layer = self._chart(rows).encode(x=self.x, y=self.y, text="t:N")
            if halo:
                paper = INK["papier"]
                ghosts.append(layer.mark_text(fill=paper, stroke=paper, strokeWidth=5, strokeJoin="round", **common))
            marks.append(layer.mark_text(fill=INK[ink], **common))
        return ghosts + marks
