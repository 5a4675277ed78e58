"""transport.data.gouv.fr: SIMULATED stops, answered by box as the experimental `gtfs-stops` route does.

Shapes follow the server's public source and its tests: a FeatureCollection, or 422 `incorrect parameters` when a side
of the box is missing. Gathering in clusters, which the real server does when a zoom is given, is not done.

Not here: the datasets and resources of that site.
"""

from __future__ import annotations

from flows.portal.answers import Answer, Ask, json_answer
from flows.portal.drawing import chance, count, places, scatter
from flows.portal.figures import Figures, Row, spec

HOST = "transport.data.gouv.fr"
_COLUMNS = "code_commune stop_id stop_name location_type dataset_title longitude latitude"


def simulate(figures: Figures) -> list[Row]:
    """Stops of every commune, about one for 320 inhabitants and two at least."""
    rows: list[Row] = []
    for place in places(figures):
        draw = chance("transport__arrets", place.code)
        for number in range(count(place.population, 320, draw, least=2)):
            longitude, latitude = scatter(place, draw, 1300)
            rows.append(
                {
                    "code_commune": place.code,
                    "stop_id": f"demo-{place.code}-{number:03d}",
                    "stop_name": f"Arrêt simulé {number + 1} ({place.nom})",
                    "location_type": "0",
                    "dataset_title": "Réseau simulé",
                    "longitude": str(longitude),
                    "latitude": str(latitude),
                }
            )
    return rows


TABLES = {"transport__arrets": spec(_COLUMNS, "code_commune", "longitude latitude", simulate=simulate)}


def answer(ask: Ask) -> Answer:
    """Answer of the stops route to one request."""
    if ask.path.rstrip("/") != "/api/gtfs-stops" or ask.method not in ("GET", "HEAD"):
        return json_answer({"error": "Resource not found"}, status=404)
    try:
        south, north, west, east = (float(ask.get(side)) for side in ("south", "north", "west", "east"))
    except ValueError:
        return json_answer({"error": "incorrect parameters"}, status=422)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [float(row["longitude"]), float(row["latitude"])]},
            "properties": {
                "dataset_id": 1,
                "dataset_title": row["dataset_title"],
                "location_type": int(row["location_type"]),
                "stop_id": row["stop_id"],
                "stop_name": row["stop_name"],
            },
        }
        for row in ask.view.rows("transport__arrets")
        if west <= float(row["longitude"]) <= east and south <= float(row["latitude"]) <= north
    ]
    return json_answer({"type": "FeatureCollection", "features": features}, main="stop_id")


ROUTES = {HOST: answer}
