"""OpenStreetMap: parks, woods and reserves around our communes, as outlines that distances can be measured to.

Asked of an Overpass server. Not here: who lives near (the warehouse), and whether a gate is really open: « open to
the public » is what contributors wrote (`access`), and an area that says nothing is taken as open. A space is given
by points: its outline, one point at least every 200 m, and inside it a grid of one kilometre, so that whoever stands
in the middle of a forest is never farther than 1 km from one of its points.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import SourceContentError
from flows.core.words import Accumulation, Cycle
from flows.sources import frame
from flows.sources.decoding import require, table
from flows.sources.reading import object_of, one, text_of, wrong

URL = "https://overpass-api.de/api/interpreter"
SCHEMA = pa.schema(
    [
        ("espace", pa.string()),  # `way/123` or `relation/123`
        ("categorie", pa.string()),
        ("nom", pa.string()),
        ("surface_ha", pa.float64()),
        ("rang", pa.int64()),
        ("longitude", pa.float64()),
        ("latitude", pa.float64()),
    ]
)
# Key and values that make a space of nature, in the order in which they name it when several apply.
KINDS = {
    "leisure": ("park", "nature_reserve", "common"),
    "boundary": ("protected_area", "forest"),
    "landuse": ("forest", "recreation_ground", "village_green"),
    "natural": ("wood", "heath", "grassland", "wetland"),
}
CLOSED = frozenset({"private", "no", "customers", "permit"})
STEP_M = 200.0
GRID_M = 1000.0
_DEGREE_M = 111_195.08  # metres of a degree of latitude on the sphere of mean radius
Ring = list[tuple[float, float]]


def query(box: frame.Box) -> str:
    """The Overpass query: ways and multipolygons of `KINDS` in the box, with their geometry."""
    area = f"({box.south},{box.west},{box.north},{box.east})"
    parts = [
        f'{kind}["{key}"~"^({"|".join(values)})$"]{area};'
        for key, values in KINDS.items()
        for kind in ("way", "relation")
    ]
    return "[out:json][timeout:120];(" + "".join(parts) + ");out tags geom;"


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The communes' centres (the box), then the spaces (`data`)."""
    pages, box = frame.ask(ctx)
    yield from pages
    page = ctx.http.get(URL, params={"data": query(box)}, expect="json", name="data")
    if "remark" in object_of(page):
        raise SourceContentError(
            f"Overpass s'est arrêté en route : {object_of(page)['remark']}",
            where=page.address,
            todo="relancer plus tard ; si cela dure, réduire le cadre ou changer de serveur Overpass.",
        )
    yield page


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row a point of a space open to the public of 1 ha or more, ordered by space; hectares, degrees WGS84.

    Raises:
        DecodeError: an element without tags or geometry, a geometry that is not closed, no space at all.
    """
    page = one(pages, "data")
    answer = object_of(page)
    if not isinstance(answer.get("elements"), list) or "remark" in answer:
        raise wrong("La réponse d'Overpass n'est pas complète.", page)
    rows: list[dict[str, Any]] = []
    for element in answer["elements"]:
        require(element if isinstance(element, dict) else (), ("type", "id", "tags"), page.address)
        tags = element["tags"]
        category = _category(tags)
        if category is None:
            raise wrong("Un élément n'a aucun des attributs demandés.", page, f"{element['type']}/{element['id']}")
        if str(tags.get("access", "")) in CLOSED:
            continue
        name = f"{element['type']}/{element['id']}"
        outer, inner = _rings(element, name, page)
        surface = sum(map(hectares, outer)) - sum(map(hectares, inner))
        if surface < 1:
            continue
        shared = {
            "espace": name,
            "categorie": category,
            "nom": text_of(tags.get("name")),
            "surface_ha": round(surface, 2),
        }
        for rank, (longitude, latitude) in enumerate(_points(outer, inner)):
            rows.append({**shared, "rang": rank, "longitude": round(longitude, 5), "latitude": round(latitude, 5)})
    if not rows:
        raise wrong("Aucun espace de nature d'un hectare autour de nos communes.", page)
    return table(SCHEMA, rows, ("espace", "rang"))


def _category(tags: dict[str, Any]) -> str | None:
    return next((f"{key}={tags[key]}" for key, values in KINDS.items() if tags.get(key) in values), None)


def _rings(element: dict[str, Any], name: str, page: Page) -> tuple[list[Ring], list[Ring]]:
    if element["type"] == "way":
        pieces = {"outer": [element.get("geometry")], "inner": []}
    else:
        members = [m for m in element.get("members") or [] if m.get("type") == "way"]
        pieces = {"outer": [], "inner": []}
        for member in members:
            pieces["inner" if member.get("role") == "inner" else "outer"].append(member.get("geometry"))
    read: dict[str, list[Ring]] = {}
    for role, lines in pieces.items():
        try:
            parts = [[(float(p["lon"]), float(p["lat"])) for p in line] for line in lines]
        except (TypeError, KeyError, ValueError) as error:
            raise wrong(f"L'espace {name} n'a pas de géométrie lisible.", page) from error
        read[role] = _closed(parts)
    return read["outer"], read["inner"]


def _closed(parts: list[Ring]) -> list[Ring]:
    """Rings made of pieces put end to end; a line that never closes (cut by the box) encloses nothing and is left."""
    rings: list[Ring] = []
    left = [part for part in parts if len(part) > 1]
    while left:
        ring = list(left.pop(0))
        while ring[0] != ring[-1]:
            at = next((i for i, p in enumerate(left) if ring[-1] in (p[0], p[-1])), None)
            if at is None:
                break
            piece = left.pop(at)
            ring += (piece if piece[0] == ring[-1] else piece[::-1])[1:]
        if ring[0] == ring[-1] and len(ring) > 3:
            rings.append(ring)
    return rings


def hectares(ring: Ring) -> float:
    """Area of a closed ring (degrees), in hectares: the plane that touches the sphere at its first point."""
    shrink = math.cos(math.radians(ring[0][1]))
    doubled = sum(
        (a[0] - ring[0][0]) * (b[1] - ring[0][1]) - (b[0] - ring[0][0]) * (a[1] - ring[0][1])
        for a, b in itertools.pairwise(ring)
    )
    return abs(doubled) / 2 * shrink * _DEGREE_M**2 / 10_000


def _points(outer: list[Ring], inner: list[Ring]) -> Iterator[tuple[float, float]]:
    for ring in (*outer, *inner):
        for a, b in itertools.pairwise(ring):
            shrink = math.cos(math.radians(a[1]))
            steps = max(1, math.ceil(math.hypot((b[0] - a[0]) * shrink, b[1] - a[1]) * _DEGREE_M / STEP_M))
            yield from ((a[0] + (b[0] - a[0]) * i / steps, a[1] + (b[1] - a[1]) * i / steps) for i in range(steps))
    for ring in outer:
        yield from _grid(ring, [*outer, *inner])


def _grid(ring: Ring, rings: list[Ring]) -> Iterator[tuple[float, float]]:
    west, east = min(p[0] for p in ring), max(p[0] for p in ring)
    south, north = min(p[1] for p in ring), max(p[1] for p in ring)
    up = GRID_M / _DEGREE_M
    across = up / math.cos(math.radians(south))
    for j in range(1, math.ceil((north - south) / up)):
        for i in range(1, math.ceil((east - west) / across)):
            point = (west + i * across, south + j * up)
            if inside(point, rings):
                yield point


def inside(point: tuple[float, float], rings: Sequence[Ring]) -> bool:
    """Even-odd rule over every ring: a hole is outside."""
    x, y = point
    within = False
    for ring in rings:
        for (x1, y1), (x2, y2) in itertools.pairwise(ring):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                within = not within
    return within


def datasets(territory: Territory) -> list[Dataset]:
    """`osm/espaces_nature`."""
    return [
        Dataset(
            id="osm/espaces_nature",
            titre="Parcs, bois et réserves ouverts au public (OpenStreetMap)",
            editeur="Contributeurs d'OpenStreetMap",
            licence="odbl",
            attribution="© les contributeurs d'OpenStreetMap",
            page="https://www.openstreetmap.org/copyright",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=1,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=(),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            # One answer a year: a public Overpass server is nobody's to wear out.
            partitions=lambda ctx: [Partition(f"{ctx.nuit:%Y}", closed=True)],
            fetch=fetch,
            decode=decode,
            absences="Un espace que personne n'a dessiné, ou coupé par le bord du cadre, n'est pas vu.",
            switched_off=(
                "À confirmer avant la mise en service : le serveur Overpass à interroger, ou un extrait déposé ; la "
                "liste des espaces communautaires reste à comparer à celle d'OpenStreetMap."
            ),
        )
    ]
