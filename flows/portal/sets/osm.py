"""Overpass: SIMULATED spaces of nature, in the JSON that `out tags geom` gives.

Drawn from a fixed seed: six-sided spaces of one to forty hectares, some too small or closed to the public so that
what must be left out is there. No space drawn here exists. Whatever the query, the whole table is answered.

Not here: the query language, and relations (multipolygons), which the tests of the source hold.
"""

from __future__ import annotations

import math

from flows.portal.answers import Answer, Ask, json_answer, text_answer
from flows.portal.drawing import chance, count, moved, places, scatter
from flows.portal.figures import Figures, Row, spec

HOST = "overpass-api.de"
_COLUMNS = "code_commune id cle valeur acces longitude latitude rayon_m"
_KINDS = (
    ("leisure", "park"),
    ("leisure", "park"),
    ("landuse", "forest"),
    ("natural", "wood"),
    ("natural", "wetland"),
)


def simulate(figures: Figures) -> list[Row]:
    """Spaces of every commune, about one for 2,600 inhabitants; half of the small communes have none."""
    rows: list[Row] = []
    for place in places(figures):
        draw = chance("osm__espaces_nature", place.code)
        for number in range(count(place.population, 2600, draw)):
            key, value = draw.choice(_KINDS)
            longitude, latitude = scatter(place, draw, 1400)
            rows.append(
                {
                    "code_commune": place.code,
                    "id": f"{int(place.code)}{number:03d}",
                    "cle": key,
                    "valeur": value,
                    "acces": draw.choice(("", "", "", "yes", "private")),
                    "longitude": str(longitude),
                    "latitude": str(latitude),
                    "rayon_m": str(draw.randint(40, 350)),
                }
            )
    return rows


TABLES = {"osm__espaces_nature": spec(_COLUMNS, "code_commune", "rayon_m", simulate=simulate)}


def answer(ask: Ask) -> Answer:
    """Answer of the interpreter to one query."""
    if ask.path != "/api/interpreter" or not ask.get("data"):
        return text_answer("<html><body><p>Error: no query</p></body></html>\n", 400, content_type="text/html")
    elements = []
    for row in ask.view.rows("osm__espaces_nature"):
        centre, radius = (float(row["longitude"]), float(row["latitude"])), float(row["rayon_m"])
        corners = [
            moved(centre, radius * math.cos(i * math.pi / 3), radius * math.sin(i * math.pi / 3)) for i in range(6)
        ]
        outline = [{"lat": lat, "lon": lon} for lon, lat in [*corners, corners[0]]]
        tags = {row["cle"]: row["valeur"], "name": f"Espace simulé {row['id']}"}
        if row["acces"]:
            tags["access"] = row["acces"]
        elements.append({"type": "way", "id": int(row["id"]), "geometry": outline, "tags": tags})
    return json_answer(
        {
            "version": 0.6,
            "generator": "Overpass API 0.7.62",
            "osm3s": {
                "timestamp_osm_base": f"{ask.today.isoformat()}T00:00:00Z",
                "copyright": "The data included in this document is from www.openstreetmap.org. "
                "The data is made available under ODbL.",
            },
            "elements": elements,
        },
        main="elements",
    )


ROUTES = {HOST: answer}
