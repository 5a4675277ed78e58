"""geo.api.gouv.fr: communes and contours of each EPCI, cross-checked."""

from __future__ import annotations

import json

import pytest

from flows.core.datasets import Page
from flows.core.errors import DecodeError, SourceWithdrawn
from flows.sources import geo
from tests.sources.conftest import FakeHttp, context

LIST = "https://geo.api.gouv.fr/epcis/200042190/communes?fields=nom,code"
COMMUNE = {
    "nom": "Émerchicourt",
    "code": "59192",
    "siren": "215901927",
    "codeEpci": "200042190",
    "codeDepartement": "59",
    "codeRegion": "32",
    "population": 875,
    "surface": 504.99,
    "centre": {"type": "Point", "coordinates": [3.2441, 50.3142]},
}
BARE = {"nom": "Wasnes-au-Bac", "code": "59645", "codeDepartement": "59"}


def page(name: str, value: object, address: str = LIST) -> Page:
    return Page(address, json.dumps(value).encode(), name=name)


def pages(communes: list[dict], departement: list[dict] | None = None) -> list[Page]:
    listed = departement if departement is not None else [{**c, "codeEpci": "200042190"} for c in communes]
    return [
        page("communes", communes),
        page("departement", listed, "https://geo.api.gouv.fr/departements/59/communes"),
    ]


def test_communes_are_ordered_and_omitted_keys_are_null():
    table = geo.decode_communes(pages([BARE, COMMUNE]), departement="59")
    first, second = table.to_pylist()
    assert table.schema.equals(geo.COMMUNES)
    assert (first["code"], first["lon"], first["lat"], first["population"]) == ("59192", 3.2441, 50.3142, 875)
    assert second == {
        **dict.fromkeys(geo.COMMUNES.names),
        "code": "59645",
        "nom": "Wasnes-au-Bac",
        "code_epci": "200042190",
        "code_departement": "59",
    }


@pytest.mark.parametrize(
    ("communes", "departement", "words"),
    [
        ([], [], "vide"),
        ([COMMUNE, COMMUNE], None, "deux fois : 59192"),
        ([{**COMMUNE, "codeEpci": "245901160"}], None, "245901160"),
        ([{"nom": "Sans code"}], None, "code"),
        ([COMMUNE], [{**COMMUNE}, {**BARE, "codeEpci": "200042190"}], "compte 1 communes.*donne 2.*59645"),
        ([COMMUNE, BARE], [COMMUNE], "59645"),
        ([{**COMMUNE, "population": "875"}], None, "pas un nombre"),
        ([{**COMMUNE, "population": 875.5}], None, "entier"),
        ([{**COMMUNE, "centre": {"type": "Point", "coordinates": [3.2]}}], None, "centre"),
    ],
)
def test_what_is_refused(communes, departement, words):
    with pytest.raises(DecodeError, match=words) as caught:
        geo.decode_communes(pages(communes, departement), departement="59")
    assert "geo.api.gouv.fr" in caught.value.where


def test_communes_of_another_departement_are_not_compared():
    outside = {**BARE, "code": "62001", "codeDepartement": "62"}
    table = geo.decode_communes(pages([COMMUNE, outside], [COMMUNE]), departement="59")
    assert table["code"].to_pylist() == ["59192", "62001"]


def feature(code: str, kind: str = "Polygon", coordinates: object = None) -> dict:
    ring = [[[3.1, 50.2], [3.2, 50.2], [3.2, 50.3], [3.1, 50.2]]]
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": ring if coordinates is None else coordinates},
        "properties": {"code": code, "nom": code},
    }


def contours(features: list[dict], codes: list[str]) -> list[Page]:
    return [
        page("contours", {"type": "FeatureCollection", "features": features}),
        page("communes", [{"code": code, "nom": code} for code in codes]),
    ]


def test_contours():
    table = geo.decode_contours(contours([feature("59645"), feature("59192")], ["59192", "59645"]))
    assert table.schema.equals(geo.CONTOURS) and table["code"].to_pylist() == ["59192", "59645"]
    assert json.loads(table["geometry"][0].as_py())["type"] == "Polygon"


@pytest.mark.parametrize(
    ("features", "codes", "words"),
    [
        ([feature("1")], ["1", "2"], "1 contours pour 2"),
        ([feature("1"), feature("1")], ["1"], "deux fois"),
        ([feature("1", "Point", [3.0, 50.0])], ["1"], "pas de contour"),
        ([{"type": "Feature", "geometry": None, "properties": {"code": "1", "nom": "x"}}], ["1"], "pas de contour"),
    ],
)
def test_contours_refused(features, codes, words):
    with pytest.raises(DecodeError, match=words):
        geo.decode_contours(contours(features, codes))


def test_one_partition_an_epci_and_the_questions_asked(territory):
    def answer(url, params):
        name = "contours" if ("format", "geojson") in params else "communes"
        return page(name, [COMMUNE], url)

    http = FakeHttp(answer)
    ctx = context(http, territory)
    communes, contour = geo.datasets(territory)
    keys = [p.key for p in communes.partitions(ctx)]
    assert keys == [territory.epci, *territory.voisins]
    list(communes.fetch(ctx, next(iter(communes.partitions(ctx)))))
    list(contour.fetch(ctx, next(iter(contour.partitions(ctx)))))
    asked = [url.removeprefix(geo.BASE) for url, _ in http.asked]
    epci = f"/epcis/{territory.epci}/communes"
    assert asked == [epci, f"/departements/{territory.departement}/communes", epci, epci]


def test_a_dissolved_epci_is_a_withdrawal(territory):
    http = FakeHttp(lambda url, params: SourceWithdrawn("Not Found"))
    ctx = context(http, territory)
    dataset = geo.datasets(territory)[0]
    with pytest.raises(SourceWithdrawn):
        list(dataset.fetch(ctx, next(iter(dataset.partitions(ctx)))))


def test_the_recorded_answer_has_the_keys_we_read(shared):
    recorded = json.loads((shared / "data/raw_api/geo_api/api_geo_epcis.0.json").read_text("utf-8"))
    assert {"nom", "code"} <= set(recorded[0])
    assert all(isinstance(item["code"], str) for item in recorded)
