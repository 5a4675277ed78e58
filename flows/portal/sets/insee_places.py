"""Insee on a map: SIMULATED located facilities (BPE) and SIMULATED inhabitants of 200 m squares (Filosofi).

Facilities follow the inhabitants of a commune, squares cover it on a coarse grid (one square of 200 m in nine) and
share its real population by a simulated density: sums by commune are near the real population, positions are not.
Wire formats: zip of one CSV each; semicolons for the BPE, commas for the squares. Columns that the observatory does
not read are few here.

Not here: the counts of facilities by commune that Melodi gives (`flows.portal.sets.insee_equipment`).
"""

from __future__ import annotations

import math

from flows.core.laea import to_degrees, to_grid
from flows.portal.drawing import Place, chance, count, places, scatter
from flows.portal.figures import Figures, Row, View, spec
from flows.portal.payloads import Archive, Csv, words

_POINTS = "an typequ depcom longitude latitude"
_SQUARES = "idcar_200m lcog_geo ind i_est_200"
_BPE_HEADER = words(
    "AN NOMRS CODPOS DEPCOM DEP REG LIBCOM DOM SDOM TYPEQU LAMBERT_X LAMBERT_Y LONGITUDE LATITUDE EPSG"
)
_SQUARES_HEADER = words("idcar_200m idcar_1km idcar_nat i_est_200 i_est_1km lcog_geo ind men men_pauv ind_snv")
_STEP = 600  # metres between two squares drawn
# Type of facility, inhabitants for one, and the least that a commune has.
FACILITIES = {
    "A128": (40000, 0),  # France services
    "A129": (10**9, 1),  # town hall
    "A206": (9000, 0),  # post office
    "A208": (6000, 0),  # postal agency
    "B104": (30000, 0),  # hypermarket
    "B105": (6000, 0),  # supermarket
    "B201": (5200, 0),  # convenience shop
    "B202": (4800, 0),  # grocer
    "B207": (1800, 0),  # baker
    "C107": (5200, 0),  # nursery school
    "C108": (3000, 0),  # primary school
    "C109": (5600, 0),  # elementary school
    "C201": (12000, 0),
    "D265": (1150, 0),  # general practitioner
    "D307": (3100, 0),  # pharmacy
    "F111": (2200, 0),  # playground for team games
    "F121": (4200, 0),  # sports hall
    "F307": (6000, 0),  # library
}


def facilities(figures: Figures) -> list[Row]:
    """One row a facility of every commune, by commune and type."""
    rows: list[Row] = []
    for place in places(figures):
        draw = chance("insee__bpe_points", place.code)
        for kind, (per, least) in FACILITIES.items():
            for _ in range(count(place.population, per, draw, least)):
                longitude, latitude = scatter(place, draw, 700)
                located = draw.random() < 0.98
                rows.append(
                    {
                        "an": "2024",
                        "typequ": kind,
                        "depcom": place.code,
                        "longitude": str(longitude) if located else "",
                        "latitude": str(latitude) if located else "",
                    }
                )
    return rows


def squares(figures: Figures) -> list[Row]:
    """One row a square drawn: its name on the European grid, its commune, its inhabitants."""
    rows: list[Row] = []
    for place in places(figures):
        draw = chance("insee__carreaux", place.code)
        found = _squares_of(place)
        weights = [draw.uniform(0.2, 1.0) * math.exp(-distance / 900) for _, _, distance in found]
        for (north, east, _), weight in zip(found, weights, strict=True):
            inhabitants = round(place.population * weight / sum(weights) * 2) / 2
            rows.append(
                {
                    "idcar_200m": f"CRS3035RES200mN{north}E{east}",
                    "lcog_geo": place.code,
                    "ind": f"{inhabitants:.1f}",
                    "i_est_200": "1" if inhabitants < 25 else "0",
                }
            )
    return rows


def _squares_of(place: Place) -> list[tuple[int, int, float]]:
    """(north, east, metres from the centre of the commune) of squares of the coarse grid inside the contour."""
    east0, north0 = to_grid(*place.centre)
    found = []
    for i in range(-20, 21):
        for j in range(-20, 21):
            east = round(east0 / _STEP) * _STEP + i * _STEP
            north = round(north0 / _STEP) * _STEP + j * _STEP
            if place.holds(to_degrees(east + 100, north + 100)):
                found.append((north, east, math.hypot(east - east0, north - north0)))
    if not found:  # smaller than the grid: the square of its centre
        found = [(int(north0 // 200 * 200), int(east0 // 200 * 200), 0.0)]
    return found


TABLES = {
    "insee__bpe_points": spec(_POINTS, "depcom", "longitude latitude", simulate=facilities),
    "insee__carreaux": spec(_SQUARES, "lcog_geo", "ind", simulate=squares),
}


def points_zip(view: View) -> Archive:
    """The located BPE: a zip of one CSV."""
    lines = []
    for row in view.rows("insee__bpe_points"):
        cells = {
            "AN": row["an"],
            "DEPCOM": row["depcom"],
            "DEP": row["depcom"][:2],
            "REG": view.figures.communes[row["depcom"]]["code_region"],
            "LIBCOM": view.figures.communes[row["depcom"]]["nom"],
            "DOM": row["typequ"][0],
            "SDOM": row["typequ"][:2],
            "TYPEQU": row["typequ"],
            "LONGITUDE": row["longitude"],
            "LATITUDE": row["latitude"],
            "EPSG": "2154",
        }
        lines.append([cells.get(name, "") for name in _BPE_HEADER])
    return Archive([("BPE24.csv", Csv(_BPE_HEADER, lines, delimiter=";"))])


def squares_zip(view: View) -> Archive:
    """The squares of metropolitan France: a zip of one CSV."""
    lines = [[row.get(name, "") for name in _SQUARES_HEADER] for row in view.rows("insee__carreaux")]
    return Archive([("carreaux_200m_met.csv", Csv(_SQUARES_HEADER, lines))])


INSEE_FILES = {
    "8217525/BPE24.zip": (points_zip, "application/zip", "TYPEQU"),
    "8735162/Filosofi2021_carreaux_200m_csv.zip": (squares_zip, "application/zip", "ind"),
}
