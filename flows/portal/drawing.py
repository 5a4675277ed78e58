"""Drawing simulated places: how many, and where, from a fixed seed. Nothing drawn here was observed.

A number of places follows the inhabitants of a commune, with chance around it; a place falls inside the contour of
its commune, nearer its centre than its edges. The same table and commune always give the same draw, on any machine.

Not here: which tables are simulated and at what level (`flows.portal.sets`).
"""

from __future__ import annotations

import itertools
import json
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from flows.portal.figures import Figures

Point = tuple[float, float]
Ring = Sequence[Sequence[float]]
_DEGREE_M = 111_195.08


@dataclass(frozen=True)
class Place:
    """A commune to draw in: inhabitants, centre (longitude, latitude) and rings of its contour."""

    code: str
    nom: str
    epci: str
    population: int
    centre: Point
    rings: tuple[Ring, ...]

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the contour."""
        xs, ys = [p[0] for ring in self.rings for p in ring], [p[1] for ring in self.rings for p in ring]
        return min(xs), min(ys), max(xs), max(ys)

    def holds(self, point: Point) -> bool:
        """Is the point inside the contour (even-odd rule)."""
        x, y = point
        west, south, east, north = self.box
        if not (west <= x <= east and south <= y <= north):
            return False
        within = False
        for ring in self.rings:
            for (x1, y1), (x2, y2) in itertools.pairwise(ring):
                if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                    within = not within
        return within


def places(figures: Figures) -> list[Place]:
    """The communes of the demonstration, by code; kept with the figures."""
    return figures.kept("places to draw in", lambda: list(_places(figures)))


def _places(figures: Figures) -> Iterator[Place]:
    contours = {row["code"]: json.loads(row["geometry"]) for row in figures.table("geo__contours")}
    for code, row in figures.communes.items():
        shape = contours[code]
        polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        rings = tuple(ring for polygon in polygons for ring in polygon)
        centre = (float(row["lon"]), float(row["lat"]))
        yield Place(code, row["nom"], row["code_epci"], int(row["population"]), centre, rings)


def chance(*seed: str) -> random.Random:
    """A source of chance that depends on these words only."""
    return random.Random("|".join(("observatoire-2044", *seed)))


def count(inhabitants: float, per: float, draw: random.Random, least: int = 0) -> int:
    """A number of things, one for `per` inhabitants on average, never fewer than `least`."""
    mean = inhabitants / per * draw.uniform(0.7, 1.3)
    return max(least, int(mean) + (draw.random() < mean - int(mean)))


def scatter(place: Place, draw: random.Random, spread_m: float = 900.0) -> Point:
    """A point of the commune, the denser the nearer to its centre; degrees rounded to 5 decimals (1 m)."""
    shrink = math.cos(math.radians(place.centre[1]))
    for _ in range(40):
        x = place.centre[0] + draw.gauss(0, spread_m) / (_DEGREE_M * shrink)
        y = place.centre[1] + draw.gauss(0, spread_m) / _DEGREE_M
        if place.holds((x, y)):
            return round(x, 5), round(y, 5)
    return place.centre


def moved(point: Point, east_m: float, north_m: float) -> Point:
    """A point moved by some metres; degrees rounded to 5 decimals."""
    shrink = math.cos(math.radians(point[1]))
    return round(point[0] + east_m / (_DEGREE_M * shrink), 5), round(point[1] + north_m / _DEGREE_M, 5)
