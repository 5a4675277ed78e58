"""Decoders of places and services on bytes written by hand: what they read, and what they refuse, with where and why.

Not here: what stands on a map (test_places_on_a_map.py), the portal's own answers (test_places_over_loopback.py).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from flows.core.datasets import Page
from flows.core.errors import DecodeError, SourceContentError
from flows.sources import acceslibre, anct, frame, sirene, tabular, tiers_lieux, transport
from tests.sources_b.conftest import FakeHttp, context, make_territory, page

LISTED = {
    "resources": [
        {
            "id": "0a1b2c3d-0000",
            "title": "Liste des France services",
            "type": "main",
            "format": "csv",
            "last_modified": "2024-08-01T09:00:00+00:00",
        },
        {
            "id": "0a1b2c3d-0001",
            "title": "bdftl-2026-01-fiche-identite.csv",
            "type": "main",
            "format": "csv",
            "last_modified": "2026-09-02T11:18:54+00:00",
        },
    ]
}
METADATA = page(LISTED, "metadata")


def refused(decode, *pages: Page, match: str) -> None:
    with pytest.raises(DecodeError, match=match) as caught:
        decode(list(pages))
    assert caught.value.where and caught.value.todo


# --- France services: the publisher's own bytes ---------------------------------------------------


@pytest.mark.shared
def test_france_services_of_the_real_list(shared: Path):
    body = (shared / "data/territory/services/france_services_liste_20240801_caph_cavm.csv").read_bytes()
    rows = anct.decode_services([METADATA, page(body)], "59").to_pylist()
    assert len(rows) == 9
    bus = [row for row in rows if row["format_fs"] == "Bus_équivalent"]
    assert [row["insee_com"] for row in bus] == ["59606"]
    assert {row["date_liste"] for row in rows} == {dt.date(2024, 8, 1)}
    abscon = next(row for row in rows if row["insee_com"] == "59002")
    assert abscon["labellisation_fs"] == dt.date(2021, 7, 1)
    refused(lambda p: anct.decode_services(p, "62"), METADATA, page(body), match="Aucune structure du département 62")
    blurred = body.replace(b"01/07/2021", b"en juillet")
    refused(lambda p: anct.decode_services(p, "59"), METADATA, page(blurred), match="ne dit pas le jour du label")
    impossible = body.replace(b"01/07/2021", b"31/02/2021")
    refused(lambda p: anct.decode_services(p, "59"), METADATA, page(impossible), match="n'est pas une date")
    refused(lambda p: anct.decode_services(p, "59"), METADATA, page(body[:-40]), match="CSV|cellules")
    refused(
        lambda p: anct.decode_services(p, "59"),
        page({"resources": []}, "metadata"),
        page(body),
        match="ne décrivent pas le fichier",
    )


# --- the tabular API ------------------------------------------------------------------------------

ERP = {
    "__id": 1,
    "id": "x",
    "code_insee": 59172,
    "activite": "Mairie",
    "entree_plain_pied": "True",
    "entree_marches": None,
    "entree_largeur_mini": "90",
}


def lines(rows: list[dict], total: int | None = None, name: str = "lignes-1") -> Page:
    meta = {"page": 1, "page_size": 50, "total": len(rows) if total is None else total}
    return page({"data": rows, "links": {"next": None}, "meta": meta}, name)


def test_tabular_rows_are_typed_and_counted():
    (row,) = acceslibre.decode([lines([ERP])]).to_pylist()
    assert row == {
        "id": "x",
        "code_insee": "59172",
        "activite": "Mairie",
        "entree_plain_pied": True,
        "entree_marches": None,
        "entree_largeur_mini": 90,
    }
    refused(acceslibre.decode, lines([ERP], total=2), match="annonce 2 lignes et en rend 1")
    refused(acceslibre.decode, lines([{**ERP, "entree_plain_pied": "peut-être"}]), match="ni vrai ni faux")
    refused(acceslibre.decode, lines([{**ERP, "entree_marches": "1.5"}]), match="nombre entier")
    refused(acceslibre.decode, lines([{k: v for k, v in ERP.items() if k != "activite"}]), match="activite")
    refused(acceslibre.decode, page({"data": [], "links": {}, "meta": {}}, "lignes-1"), match="API tabulaire")
    refused(acceslibre.decode, page({"resources": []}, "metadata"), match="Aucune page de lignes")


def test_tabular_asks_for_our_communes_and_follows_the_pages():
    url = f"https://{tabular.HOST}/api/resources/{anct.MEDIATION}/data/"
    second = f"{url}?page=2"
    place = {"id": "a", "code_insee": "59172", "nom": "N", "itinerance": "", "date_maj": "2026-01-02"}
    meta = {"page": 1, "page_size": 50, "total": 2}
    http = FakeHttp(
        {
            url: lambda p: {"data": [place], "links": {"next": second}, "meta": meta},
            second: lambda p: {"data": [{**place, "id": "b"}], "links": {"next": None}, "meta": meta},
        }
    )
    ctx = context(http, make_territory())
    with pytest.raises(SourceContentError, match="géographie"):
        list(tabular.rows(http, anct.MEDIATION, ("id",), "code_insee", ()))
    got = list(tabular.rows(http, anct.MEDIATION, anct.PLACES.names, "code_insee", ("59172", "59014")))
    assert http.asked[0][1]["code_insee__in"] == "59172,59014"
    assert http.asked[0][1]["columns"] == "id,code_insee,nom,itinerance,date_maj"
    assert [row["id"] for row in anct.decode_places(got).to_pylist()] == ["a", "b"]
    assert ctx.communes == ()
    refused(anct.decode_places, lines([{**place, "date_maj": "hier"}]), match="n'est pas une date")


# --- third places ---------------------------------------------------------------------------------

THIRD = "NOM;CODPOST;VILLE;LATITUDE;LONGITUDE;DATE_OUV\n"


def test_third_places_have_decimal_commas_and_may_have_no_position():
    body = (
        THIRD
        + "La Pépite;59230;Saint-Amand-les-Eaux;50,44;3,42;2019\nSans lieu;59220;Denain;;;\nAilleurs;62000;Arras;;;\n"
    )
    rows = tiers_lieux.decode([METADATA, page(body.encode())], "59").to_pylist()
    assert [(r["nom"], r["longitude"], r["latitude"]) for r in rows] == [
        ("La Pépite", 3.42, 50.44),
        ("Sans lieu", None, None),
    ]
    assert rows[0]["date_fichier"] == dt.date(2026, 9, 2)
    decode = lambda p: tiers_lieux.decode(p, "59")  # noqa: E731
    refused(decode, METADATA, page((THIRD + "A;62000;Arras;;;\n").encode()), match="Aucun tiers-lieu")
    refused(decode, METADATA, page(THIRD.replace("VILLE", "COMMUNE").encode()), match="VILLE")
    refused(decode, METADATA, page((THIRD + "A;59000;Lille;nord;3,1;\n").encode()), match="n'est pas un nombre")
    refused(decode, METADATA, page((THIRD + "A;59000;Lille\n").encode()), match="3 cellules au lieu de 6")


# --- stops ----------------------------------------------------------------------------------------


def stops(*points: list) -> Page:
    properties = {"stop_id": "1", "stop_name": "Gare", "location_type": None, "dataset_title": "R"}
    features = [{"type": "Feature", "properties": properties, "geometry": {"coordinates": list(p)}} for p in points]
    return page({"type": "FeatureCollection", "features": features})


def test_stops_are_points_never_clusters():
    (row,) = transport.decode([stops([3.4, 50.3])]).to_pylist()
    assert (row["longitude"], row["latitude"], row["location_type"]) == (3.4, 50.3, None)
    refused(transport.decode, page({"type": "clustered", "features": []}), match="clustered")
    refused(transport.decode, stops([]), match="n'a pas de position")
    refused(transport.decode, stops(), match="Aucun arrêt")


def test_the_box_goes_around_every_commune():
    centres = [{"code": c, "centre": {"coordinates": [x, y]}} for c, x, y in (("a", 3.2, 50.2), ("b", 3.6, 50.5))]
    box = frame.around([page(centres, "cadre-1")])
    assert box.west < 3.1 and box.east > 3.7 and box.south < 50.1 and box.north > 50.6
    with pytest.raises(DecodeError, match="sans son centre"):
        frame.around([page([{"code": "a"}], "cadre-1")])
    with pytest.raises(DecodeError, match="Aucune commune"):
        frame.around([page([], "cadre-1")])


# --- Sirene ---------------------------------------------------------------------------------------

ADDRESS = f"{sirene.URL}?q=x+AND+codeCommuneEtablissement%3A%2859172+OR+59014%29+AND+y&date=2026-11-01"


def establishment(siret: str = "0" * 14, code: str = "59172", state: str = "A", employer: str = "O") -> dict:
    period = {"dateFin": None, "etatAdministratifEtablissement": state, "caractereEmployeurEtablissement": employer}
    past = {"dateFin": "2020-01-01", "etatAdministratifEtablissement": "F", "caractereEmployeurEtablissement": "N"}
    return {
        "siret": siret,
        "adresseEtablissement": {"codeCommuneEtablissement": code},
        "periodesEtablissement": [period, past],
    }


def answer(items: list[dict], name: str, total: int) -> Page:
    return page({"header": {"total": total, "nombre": len(items)}, "etablissements": items}, name, ADDRESS)


def register(*items: dict, total: int | None = None) -> list[Page]:
    first = answer(list(items), "etablissements-1", len(items) if total is None else total)
    return [first, answer([], "total-departement", 600), answer([], "total-france", 9000)]


def test_sirene_counts_communes_zeros_included():
    rows = sirene.decode(register(establishment("1" * 14), establishment("2" * 14)), "59").to_pylist()
    assert {(r["niveau"], r["code"]): r["etablissements"] for r in rows} == {
        ("commune", "59014"): 0,
        ("commune", "59172"): 2,
        ("departement", "59"): 600,
        ("france", "F"): 9000,
    }
    assert {r["date_etat"] for r in rows} == {dt.date(2026, 11, 1)}


@pytest.mark.parametrize(
    ("pages", "match"),
    [
        (register(establishment(), establishment()), "rendu deux fois"),
        (register(establishment(code="75056")), "jamais demandée"),
        (register(establishment(state="F")), "fermé ou sans salarié"),
        (register(establishment(employer="N")), "fermé ou sans salarié"),
        (register(establishment(siret="12")), "lisibles"),
        (register(establishment(), total=5), "annonce 5 établissements et en rend 1"),
        (register(establishment())[:2], "total-france"),
        (register(establishment())[1:], "Aucune page d'établissements"),
    ],
)
def test_sirene_refuses_what_would_be_miscounted(pages, match):
    refused(lambda p: sirene.decode(p, "59"), *pages, match=match)
