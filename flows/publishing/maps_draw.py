"""Drawing of a map of communes: projection, outlines, circles, names.

Projection: equirectangular with the cosine of the middle latitude, good to a few metres over one agglomération.

Not here: the choice of period and of classes, legend and words (`flows.publishing.maps`).
"""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence

from flows.publishing import charts_labels as words
from flows.publishing.charts_ink import FONT, INK, RAMP, SVG
from flows.publishing.figures import Indicator, Row, bound_of
from flows.publishing.grammar import typographic
from flows.publishing.numbers import MISSING, figure_with_unit

SPREAD = {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
HATCH = "hachures"  # id of the pattern, which a page's legend may use too: one map a page


def rings_of(contour: str) -> list[list[tuple[float, float]]]:
    """Rings (longitude, latitude) of a GeoJSON Polygon or MultiPolygon; an empty list for any other geometry."""
    geometry = json.loads(contour)
    polygons = {"Polygon": [geometry.get("coordinates")], "MultiPolygon": geometry.get("coordinates")}
    return [
        [(float(point[0]), float(point[1])) for point in ring]
        for polygon in polygons.get(geometry.get("type"), []) or []
        for ring in polygon or []
    ]


class Ground:
    """What every map of a territory shares: projection, size, and the outline of each commune as a path.

    Args:
        members, neighbours: code → row of `dim_territory`. coarse: outlines in whole units.
    """

    WIDTH, PAD = 680.0, 6.0

    def __init__(self, members: dict[str, Row], neighbours: dict[str, Row], coarse: bool) -> None:
        self.members, self.neighbours = members, neighbours
        self.shapes = {code: rings_of(row["contour"]) for code, row in members.items() if row["contour"]}
        around = {code: rings_of(row["contour"]) for code, row in neighbours.items() if row["contour"]}
        points = [p for rings in (*self.shapes.values(), *around.values()) for ring in rings for p in ring]
        self.paths: dict[str, str] = {}
        if not points:
            return
        lats = [lat for _, lat in points]
        self.squeeze = math.cos(math.radians((min(lats) + max(lats)) / 2))
        xs = [lon * self.squeeze for lon, _ in points]
        self.scale = (self.WIDTH - 2 * self.PAD) / max(max(xs) - min(xs), 1e-9)
        self.origin = (min(xs) - self.PAD / self.scale, max(lats) + self.PAD / self.scale)
        self.height = round((max(lats) - min(lats)) * self.scale + 2 * self.PAD, 1)
        self.paths = {code: self._path(rings, coarse) for code, rings in sorted((self.shapes | around).items())}

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point of the earth is on the drawing (SVG units, one decimal)."""
        x = (lon * self.squeeze - self.origin[0]) * self.scale
        return round(x, 1), round((self.origin[1] - lat) * self.scale, 1)

    def _path(self, rings: list[list[tuple[float, float]]], coarse: bool) -> str:
        parts = []
        for ring in rings:
            points = [self.at(*point) for point in ring[:-1]]
            parts.append(_whole(points) if coarse else "M" + "L".join(f"{x:g},{y:g}" for x, y in points) + "Z")
        return "".join(parts)


class Canvas:
    """The drawing: neighbours behind, communes, circles, names."""

    FONT_SIZE = 14.0

    def __init__(self, indicator: Indicator, ground: Ground) -> None:
        self.indicator, self.ground = indicator, ground
        self.shapes, self.members, self.neighbours = ground.shapes, ground.members, ground.neighbours
        self.WIDTH, self.height, self.at = ground.WIDTH, ground.height, ground.at
        size = {"width": f"{self.WIDTH:g}", "height": f"{self.height:g}"}
        self.root = ET.Element("svg", {"xmlns": SVG, "viewBox": f"0 0 {self.WIDTH:g} {self.height:g}"} | size)
        self._pattern()
        for code in sorted(code for code in ground.paths if code in self.neighbours):
            path = self._path(self.root, code, "none", "filet", "1.2", "voisin")
            self._title(path, typographic(self.neighbours[code]["nom"]))

    def draw(
        self,
        figures: dict[str, Row],
        limits: Sequence[float],
        intensive: bool,
        link: Callable[[str], str] | None,
    ) -> None:
        decimals = self.indicator.decimals("commune")
        unit = str(self.indicator.meta["unite_courte"] or "")
        colours = SPREAD[len(limits) + 1]
        for code in sorted(self.shapes):
            row = figures.get(code)
            css, fill = "manquant", INK["papier"]
            if row is not None and row["statut"] == "secret":
                css, fill = "secret", f"url(#{HATCH})"
            elif row is not None and row["valeur"] is not None and intensive:
                index = colours[sum(row["valeur"] >= limit for limit in limits)]
                css, fill = f"c{index}", RAMP[index]
            said = MISSING
            if row is not None:
                said = figure_with_unit(row["valeur"], unit, decimals, bound=bound_of(row), statut=row["statut"])
            name = f"{typographic(self.members[code]['nom'])} : {said}"
            parent = self.root
            if link is not None:
                parent = ET.SubElement(self.root, "a", {"href": link(code), "aria-label": name})
            path = self._path(parent, code, fill, "papier" if css.startswith("c") else "compare", "1", css)
            self._title(path, name)
        if not intensive:
            self._circles(figures, unit, decimals)
        self._names(figures, limits, intensive)

    def _circles(self, figures: dict[str, Row], unit: str, decimals: int) -> None:
        known = {code: float(row["valeur"]) for code, row in figures.items() if row["valeur"] is not None}
        largest = max(max(known.values()), 1e-9)
        biggest = self.WIDTH / 15
        for code, value in sorted(known.items(), key=lambda item: (-item[1], item[0])):
            if value <= 0:
                continue
            x, y = self._centre(code)
            said = figure_with_unit(value, unit, decimals, bound=bound_of(figures[code]))
            circle = ET.SubElement(
                self.root,
                "circle",
                {
                    "cx": f"{x:g}",
                    "cy": f"{y:g}",
                    "r": f"{max(biggest * math.sqrt(value / largest), 1.2):.1f}",
                    "fill": INK["canal"],
                    "fill-opacity": "0.72",
                    "stroke": INK["papier"],
                },
            )
            self._title(circle, f"{typographic(self.members[code]['nom'])} : {said}")

    def _names(self, figures: dict[str, Row], limits: Sequence[float], intensive: bool) -> None:
        """The largest communes by name, to find one's way; clear of each other, with a halo."""
        ranked = sorted(self.members.items(), key=lambda item: (-(item[1]["population"] or 0), item[0]))[:5]
        ranked += sorted(self.neighbours.items(), key=lambda item: (-(item[1]["population"] or 0), item[0]))[:1]
        labels = []
        for _, row in ranked:
            if row["longitude"] is None or row["latitude"] is None:
                continue
            name = typographic(row["nom"])
            label = words.Label(((name, False),), self.at(row["longitude"], row["latitude"]), "encre", self.FONT_SIZE)
            labels.append(label)
        dots = [label.anchor for label in labels]
        frame = words.Box(2, 2, self.WIDTH - 2, self.height - 2)
        for item in words.place(labels, [], dots, frame).placed:
            left = item.align == "left"
            x = item.box.left if left else item.box.right
            text = {
                "x": f"{x:.1f}",
                "y": f"{item.box.top + self.FONT_SIZE:.1f}",
                "font-family": FONT,
                "font-size": f"{self.FONT_SIZE:g}px",
                "text-anchor": "start" if left else "end",
                "fill": INK["encre"],
                "stroke": INK["papier"],
                "stroke-width": "3.5",
                "stroke-linejoin": "round",
                "paint-order": "stroke",
            }
            if intensive:
                x, y = item.label.anchor
                dot = {"cx": f"{x:g}", "cy": f"{y:g}", "r": "2.6", "fill": INK["encre"], "stroke": INK["papier"]}
                ET.SubElement(self.root, "circle", dot)
            ET.SubElement(self.root, "text", text).text = item.label.lines[0][0]

    def _centre(self, code: str) -> tuple[float, float]:
        row = self.members[code]
        if row["longitude"] is not None and row["latitude"] is not None:
            return self.at(row["longitude"], row["latitude"])
        ring = max(self.shapes[code], key=len)
        return self.at(sum(lon for lon, _ in ring) / len(ring), sum(lat for _, lat in ring) / len(ring))

    def _path(self, parent: ET.Element, code: str, fill: str, stroke: str, width: str, css: str) -> ET.Element:
        shape = {
            "class": css,
            "d": self.ground.paths[code],
            "fill": fill,
            "fill-rule": "evenodd",
            "stroke": INK[stroke],
            "stroke-width": width,
        }
        return ET.SubElement(parent, "path", shape)

    def _title(self, element: ET.Element, text: str) -> None:
        ET.SubElement(element, "title").text = text

    def _pattern(self) -> None:
        defs = ET.SubElement(self.root, "defs")
        size = {"id": HATCH, "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
        pattern = ET.SubElement(defs, "pattern", size | {"patternTransform": "rotate(45)"})
        ET.SubElement(pattern, "rect", {"width": "6", "height": "6", "fill": INK["papier"]})
        stripe = {"x1": "0", "y1": "0", "x2": "0", "y2": "6", "stroke": INK["gris"], "stroke-width": "2.4"}
        ET.SubElement(pattern, "line", stripe)


def _whole(points: list[tuple[float, float]]) -> str:
    """An outline in whole units, each point from the one before: a third of the size. Neighbours stay joined: a point
    that two communes share is rounded the same way for both."""
    start = last = (round(points[0][0]), round(points[0][1]))
    steps = ""
    for x, y in points[1:]:
        here = (round(x), round(y))
        if here != last:
            for step in (here[0] - last[0], here[1] - last[1]):
                steps += (
                    f"{step}" if step < 0 or not steps else f" {step}"
                )  # a minus sign parts two numbers by itself
        last = here
    return f"M{start[0]} {start[1]}l{steps}Z" if steps else ""
