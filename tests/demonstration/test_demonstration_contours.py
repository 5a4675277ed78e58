"""The outlines as drawn: valid, closed, oriented, of about the declared surface, at the right place."""

from __future__ import annotations

import itertools
import json
import math

import pytest
from shapely.geometry import Point, shape
from shapely.geometry.polygon import LinearRing


@pytest.fixture(scope="module")
def outlines(table):
    return {row["code"]: json.loads(row["geometry"]) for row in table("geo__contours")}


def polygons(geometry):
    return [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]


def test_outlines_are_valid_closed_and_oriented(outlines):
    for code, geometry in outlines.items():
        assert shape(geometry).is_valid, code
        for rings in polygons(geometry):
            for i, ring in enumerate(rings):
                assert ring[0] == ring[-1] == min(ring) and len(ring) >= 4
                assert LinearRing(ring).is_ccw == (i == 0)
                assert all(a != b for a, b in itertools.pairwise(ring))
                assert all(round(c, 4) == c for point in ring for c in point)


def test_outlines_have_about_the_declared_surface_and_hold_the_representative_point(outlines, table):
    for row in table("geo__communes"):
        figure = shape(outlines[row["code"]])
        lat = math.radians(float(row["lat"]))
        hectares = figure.area * (111.32**2) * math.cos(lat) * 100  # a degree is 111.32 km on the equator
        assert hectares == pytest.approx(float(row["surface"]), rel=0.12), row["nom"]
        assert figure.buffer(0.001).contains(Point(float(row["lon"]), float(row["lat"]))), row["nom"]


def test_names_are_the_same_in_both_tables(table):
    assert [(r["code"], r["nom"]) for r in table("geo__contours")] == [
        (r["code"], r["nom"]) for r in table("geo__communes")
    ]
