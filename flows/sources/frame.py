"""The box around the communes of the territory and its neighbours, for publishers that answer by box.

Not here: contours, and the choice of what is kept afterwards (the warehouse, by distance or by contour). The box is
asked of geo.api.gouv.fr at each fetch, so that no coordinate is written in the program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flows.core.datasets import FetchContext, Page
from flows.sources.decoding import json_of
from flows.sources.reading import wrong

_GEO = "https://geo.api.gouv.fr"
# Centres of communes, not their edges: a commune is seldom longer than 8 km either way of its centre, and what serves
# its inhabitants may stand one kilometre beyond.
MARGIN_DEGREES = 0.1


@dataclass(frozen=True)
class Box:
    """Degrees (WGS84), rounded outwards to the third decimal, so that a moved centre seldom moves the address."""

    west: float
    south: float
    east: float
    north: float


def ask(ctx: FetchContext) -> tuple[list[Page], Box]:
    """The pages that say where the communes are (named `cadre-<siren>`) and the box around them.

    Raises:
        DecodeError: a page without any centre.
    """
    pages = [
        ctx.http.get(
            f"{_GEO}/epcis/{siren}/communes",
            params={"fields": "code,centre"},
            expect="json-list",
            name=f"cadre-{siren}",
        )
        for siren in ctx.territory.epcis
    ]
    return pages, around(pages)


def around(pages: Sequence[Page]) -> Box:
    """The box of the centres of communes listed in `pages`, with its margin.

    Raises:
        DecodeError: a commune without a centre.
    """
    longitudes, latitudes = [], []
    for page in pages:
        for item in json_of(page):
            point = ((item.get("centre") or {}) if isinstance(item, dict) else {}).get("coordinates")
            if not isinstance(point, list) or len(point) != 2:
                raise wrong("Une commune est rendue sans son centre.", page)
            longitudes.append(float(point[0]))
            latitudes.append(float(point[1]))
    if not longitudes:
        raise wrong("Aucune commune dans la réponse.", pages[0])
    return Box(
        west=round(min(longitudes) - MARGIN_DEGREES - 0.0005, 3),
        south=round(min(latitudes) - MARGIN_DEGREES - 0.0005, 3),
        east=round(max(longitudes) + MARGIN_DEGREES + 0.0005, 3),
        north=round(max(latitudes) + MARGIN_DEGREES + 0.0005, 3),
    )
