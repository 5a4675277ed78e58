"""Cycling infrastructure: SIMULATED lines, one GeoJSON behind data.gouv.fr, with the fields of the national schema.

Drawn from a fixed seed: straight lines of two or three hundred metres that follow no street. The real file is
national and weighs hundreds of megabytes.

Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

import math

from flows.portal.datagouv_files import File
from flows.portal.drawing import chance, count, moved, places, scatter
from flows.portal.figures import Figures, Row, View, spec
from flows.portal.payloads import Json

_COLUMNS = "code_commune id_local ame_d ame_g date_maj x1 y1 x2 y2"
_KINDS = (
    ("PISTE CYCLABLE", "AUCUN"),
    ("PISTE CYCLABLE", "PISTE CYCLABLE"),
    ("BANDE CYCLABLE", "BANDE CYCLABLE"),
    ("BANDE CYCLABLE", "AUCUN"),
    ("VOIE VERTE", "VOIE VERTE"),
    ("DOUBLE SENS CYCLABLE NON MATERIALISE", "AUCUN"),
    ("AUTRE", "AUTRE"),
)


def simulate(figures: Figures) -> list[Row]:
    """Lines of every commune, about one for 550 inhabitants."""
    rows: list[Row] = []
    for place in places(figures):
        draw = chance("geovelo__amenagements", place.code)
        for number in range(count(place.population, 550, draw)):
            start = scatter(place, draw)
            length, angle = draw.uniform(120, 700), draw.uniform(0, 2 * math.pi)
            end = moved(start, length * math.cos(angle), length * math.sin(angle))
            right, left = draw.choice(_KINDS)
            rows.append(
                {
                    "code_commune": place.code,
                    "id_local": f"demo-{place.code}-{number:03d}",
                    "ame_d": right,
                    "ame_g": left,
                    "date_maj": f"2026-{draw.randint(1, 10):02d}-{draw.randint(1, 28):02d}",
                    "x1": str(start[0]),
                    "y1": str(start[1]),
                    "x2": str(end[0]),
                    "y2": str(end[1]),
                }
            )
    return rows


TABLES = {"geovelo__amenagements": spec(_COLUMNS, "code_commune", "x1 y1", simulate=simulate)}


def payload(view: View) -> Json:
    """The collection of lines; fields that the demonstration does not draw are null."""
    features = []
    for row in view.rows("geovelo__amenagements"):
        nothing = dict.fromkeys(
            ("id_osm", "num_iti", "regime_d", "sens_d", "largeur_d", "regime_g", "sens_g", "largeur_g")
        )
        properties = {
            "id_local": row["id_local"],
            "code_com_d": row["code_commune"],
            "ame_d": row["ame_d"],
            "code_com_g": row["code_commune"],
            "ame_g": row["ame_g"],
            "date_maj": row["date_maj"],
            "source": "OpenStreetMap",
            **nothing,
        }
        ends = [[float(row["x1"]), float(row["y1"])], [float(row["x2"]), float(row["y2"])]]
        features.append(
            {"type": "Feature", "properties": properties, "geometry": {"type": "LineString", "coordinates": ends}}
        )
    return Json({"type": "FeatureCollection", "name": "france-20261007", "features": features})


FILES = (
    File(
        dataset="60a3c2d1e0f9b8a7c6d5e4f3",
        slug="amenagements-cyclables-france-metropolitaine",
        dataset_title="Aménagements cyclables France Métropolitaine",
        organisation="Geovelo",
        licence="odc-odbl",
        frequency="monthly",
        resource="f5d6ae97-b62e-46a7-ad5e-736c8084cee8",
        title="france-20261007.geojson",
        name="france-20261007.geojson",
        modified="2026-10-07T09:33:53",
        main="id_local",
        payload=payload,
    ),
)
