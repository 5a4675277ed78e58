"""geo__communes and geo__contours: the 82 communes of the two communautés d'agglomération and their outlines.

Not here: the territory's own configuration (observatoire.toml). The outlines are re-encoded: coordinates rounded to
4 decimals (about 11 m), repeated points and spikes born of the rounding dropped, rings closed, outer rings counter-
clockwise and holes clockwise (RFC 7946), each ring starting at its smallest point so that the text is unique.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.demonstration.carry.reading import CarryError, Row, rows, times

Point = tuple[float, float]
DECIMALS = 4


def members(shared: Path) -> list[Row]:
    """The table of the 82 communes (COG 2024), one row each, as kept beside the project."""
    return rows(shared / "geo/communes_caph_cavm_2024.csv")


def communes(shared: Path) -> list[Row]:
    """geo__communes: surface in hectares (source in km²), municipal population 2021, representative point."""
    return [
        {
            "code": row["code_insee"],
            "nom": row["nom"],
            "siren": row["siren_commune"],
            "code_epci": row["epci_siren"],
            "code_departement": row["code_insee"][:2],
            "code_region": "32",
            "population": row["pmun_2021"],
            "surface": times(row["superf_km2_rp2018"], 100),
            "lon": row["lon_repr_point"],
            "lat": row["lat_repr_point"],
        }
        for row in members(shared)
    ]


def ring(points: list[Point], clockwise: bool) -> list[Point]:
    """A closed ring re-encoded (rounded, without repeats and spikes, oriented, starting at its smallest point).

    Raises:
        CarryError: when fewer than three distinct points remain.
    """
    rounded = [(round(x, DECIMALS), round(y, DECIMALS)) for x, y in points]
    if rounded[0] == rounded[-1]:
        rounded.pop()
    while True:  # dropping a spike can make two points meet: again until nothing changes
        kept = [
            point
            for i, point in enumerate(rounded)
            if point != rounded[i - 1] and rounded[i - 1] != rounded[(i + 1) % len(rounded)]
        ]
        if len(kept) == len(rounded):
            break
        rounded = kept
        if len(rounded) < 3:
            raise CarryError("an outline vanishes at 4 decimals")
    area = sum(
        a[0] * b[1] - b[0] * a[1] for a, b in zip(rounded, rounded[1:] + rounded[:1], strict=True)
    )  # twice the signed area: positive when counter-clockwise
    if (area < 0) != clockwise:
        rounded.reverse()
    start = rounded.index(min(rounded))
    turned = rounded[start:] + rounded[:start]
    return [*turned, turned[0]]


def encode(geometry: dict) -> str:
    """A GeoJSON Polygon or MultiPolygon as canonical JSON text.

    Raises:
        CarryError: for any other geometry.
    """

    def polygon(rings: list[list[Point]]) -> list[list[Point]]:
        return [ring([(x, y) for x, y in points], clockwise=i > 0) for i, points in enumerate(rings)]

    if geometry["type"] == "Polygon":
        coordinates: list = polygon(geometry["coordinates"])
    elif geometry["type"] == "MultiPolygon":
        coordinates = sorted(polygon(rings) for rings in geometry["coordinates"])
    else:
        raise CarryError(f"unexpected geometry {geometry['type']}")
    return json.dumps({"type": geometry["type"], "coordinates": coordinates}, separators=(",", ":"))


def contours(shared: Path) -> list[Row]:
    """geo__contours: code, name (COG 2024) and re-encoded outline (simplified outlines of 2018, WGS84)."""
    source = json.loads((shared / "geo/contours_communes_caph_cavm.geojson").read_text(encoding="utf-8"))
    outlines = {f["properties"]["code"]: f["geometry"] for f in source["features"]}
    names = {row["code_insee"]: row["nom"] for row in members(shared)}
    if set(outlines) != set(names):
        raise CarryError("the outlines are not those of the 82 communes")
    return [{"code": code, "nom": names[code], "geometry": encode(outlines[code])} for code in names]
