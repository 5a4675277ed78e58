"""Decoders of what stands on a map, on bytes written by hand: cycle ways, spaces of nature, facilities, squares.

Not here: lists of places (test_places_errors.py) and the portal's own answers (test_places_over_loopback.py).
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import zipfile

import pytest

from flows.core.datasets import Page
from flows.core.errors import DecodeError
from flows.sources import geovelo, insee_places, osm
from tests.sources_b.conftest import page


def refused(decode, *pages: Page, match: str) -> None:
    with pytest.raises(DecodeError, match=match) as caught:
        decode(list(pages))
    assert caught.value.where and caught.value.todo


# --- cycling --------------------------------------------------------------------------------------


def ways(*features: dict, tail: str = "]}") -> Page:
    head = '{"type":"FeatureCollection","name":"france","features":[\n'
    return page((head + ",\n".join(json.dumps(f) for f in features) + tail).encode())


def way(code: str = "59172", kind: str = "LineString", line: list | None = None) -> dict:
    properties = {"id_local": "t", "code_com_d": code, "ame_d": "PISTE CYCLABLE", "code_com_g": code, "ame_g": None}
    line = line or [[3.0, 50.0], [3.0, 50.01]]
    return {"properties": {**properties, "date_maj": "2026-01-01"}, "geometry": {"type": kind, "coordinates": line}}


def test_ways_are_measured_along_their_line_and_kept_by_departement():
    rows = geovelo.decode(
        [ways(way(), way("62041"), way(kind="MultiLineString", line=[[[3.0, 50.0], [3.0, 50.02]]]))], "59"
    )
    # 0.01° of latitude on the sphere of mean radius: 6,371,008.8 m x pi / 18,000.
    assert rows["longueur_m"].to_pylist() == pytest.approx([1111.9, 2223.9], abs=0.1)
    decode = lambda p: geovelo.decode(p, "59")  # noqa: E731
    refused(decode, ways(way("62041")), match="Aucun aménagement du département 59")
    refused(decode, ways(way(kind="Point", line=[3.0, 50.0])), match="n'est pas une ligne")
    refused(decode, ways(way(line=[["est", 50.0], [3.0, 50.0]])), match="ne se lisent pas")
    refused(decode, ways(way(), tail=""), match="coupé")
    refused(decode, ways(way(), tail=",{"), match="coupé ou mal formé")
    refused(decode, page({"type": "Feature"}), match="collection GeoJSON")
    refused(decode, ways({"properties": {"id_local": "t"}}), match="ame_d")
    refused(decode, ways({"geometry": None}), match="sans propriétés")


# --- nature ---------------------------------------------------------------------------------------


def square(side: float, x: float = 3.4, y: float = 50.3) -> list[dict]:
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    return [{"lon": lon, "lat": lat} for lon, lat in corners]


def space(side: float = 0.01, **more) -> dict:
    return {"type": "way", "id": 1, "tags": {"leisure": "park"}, "geometry": square(side), **more}


def test_spaces_of_nature_open_large_enough_and_their_points():
    elements = [
        space(),
        space(id=2, tags={"leisure": "park", "access": "private"}),
        space(id=3, side=0.0005),
        {
            "type": "relation",
            "id": 5,
            "tags": {"natural": "wood", "name": "Bois"},
            "members": [
                {"type": "way", "role": "outer", "geometry": square(0.03)[:3]},
                {"type": "way", "role": "outer", "geometry": square(0.03)[2:]},
                {"type": "way", "role": "inner", "geometry": square(0.01, 3.41, 50.31)},
                {"type": "node", "ref": 1},
            ],
        },
    ]
    with pytest.raises(DecodeError, match="attributs demandés"):
        osm.decode([page({"elements": [*elements, space(id=4, tags={"landuse": "retail"})]})])
    rows = osm.decode([page({"elements": elements})]).to_pylist()
    assert {r["espace"] for r in rows} == {"way/1", "relation/5"}
    park = [r for r in rows if r["espace"] == "way/1"]
    # 0.01° x 0.01° at 50.3° N: 1,112 m by 710 m.
    assert park[0]["surface_ha"] == pytest.approx(78.98, abs=0.2)
    wood = [r for r in rows if r["espace"] == "relation/5"]
    assert wood[0]["surface_ha"] == pytest.approx(8 * 78.98, rel=0.01)
    inside = [r for r in wood if 3.401 < r["longitude"] < 3.429 and 50.301 < r["latitude"] < 50.329]
    assert inside and not any(3.411 < r["longitude"] < 3.419 and 50.311 < r["latitude"] < 50.319 for r in inside)
    steps = [
        geovelo.metres((a["longitude"], a["latitude"]), (b["longitude"], b["latitude"]))
        for a, b in itertools.pairwise(park)
    ]
    assert max(steps[:18]) <= osm.STEP_M + 1


def test_spaces_of_nature_refused():
    refused(osm.decode, page({"elements": [], "remark": "runtime error: Query timed out"}), match="pas complète")
    refused(osm.decode, page({"elements": [space(side=0.0001)]}), match="Aucun espace de nature")
    refused(osm.decode, page({"elements": [space(geometry=[{"lat": 1}])]}), match="géométrie lisible")
    refused(osm.decode, page({"elements": [{"type": "way"}]}), match="id")


# --- Insee on a map -------------------------------------------------------------------------------


def zipped(name: str, header: list[str], *rows: list, delimiter: str = ";") -> Page:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([header, *rows])
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr(name, text.getvalue())
    return page(body.getvalue())


BPE = ["AN", "TYPEQU", "DEPCOM", "LONGITUDE", "LATITUDE", "NOMRS"]
GRID = ["idcar_200m", "i_est_200", "lcog_geo", "ind", "men"]


def test_facilities_of_one_place_are_one_row():
    one = ["2024", "D265", "59172", "3.39", "50.33", "Cabinet"]
    told = zipped(
        "BPE24.csv", BPE, one, one, ["2024", "A129", "59172", "", "", ""], ["2024", "E107", "59172", "3", "50", ""]
    )
    rows = insee_places.decode_points([told], "59").to_pylist()
    assert [(r["typequ"], r["nombre"], r["longitude"]) for r in rows] == [("A129", 1, None), ("D265", 2, 3.39)]
    decode = lambda p: insee_places.decode_points(p, "59")  # noqa: E731
    refused(decode, zipped("BPE24.csv", BPE, ["2024", "D265", "62041", "3", "50", ""]), match="Aucun équipement")
    refused(decode, zipped("BPE24.csv", BPE, ["", "D265", "59172", "3", "50", ""]), match="son année")
    refused(decode, zipped("BPE24.csv", BPE, ["2024", "D265", "59172", "est", "50", ""]), match="n'est pas un nombre")
    refused(decode, zipped("BPE24.csv", BPE[1:], ["D265", "59172", "3", "50", ""]), match="ne se lit pas")
    refused(decode, zipped("lisezmoi.txt", BPE), match="n'a pas le fichier attendu")


def test_squares_are_at_their_centre_and_in_their_first_commune():
    name = "CRS3035RES200mN3034200E3848400"
    told = zipped("carreaux_200m_met.csv", GRID, [name, "1", "5903859172", "12.5", "5"], delimiter=",")
    (row,) = insee_places.decode_squares([told], "59").to_pylist()
    assert (row["code_commune"], row["ind"], row["i_est_200"]) == ("59038", 12.5, 1)
    assert (row["longitude"], row["latitude"]) == pytest.approx((3.368387, 50.228406), abs=1e-6)
    decode = lambda p: insee_places.decode_squares(p, "59")  # noqa: E731
    for wrong, match in (
        (["CRS2975RES200mN1E1", "1", "59038", "12", "5"], "lisibles"),
        ([name, "1", "59038", "", "5"], "lisibles"),
        ([name, "1", "62041", "12", "5"], "Aucun carreau"),
    ):
        refused(decode, zipped("carreaux_200m_met.csv", GRID, wrong, delimiter=","), match=match)
