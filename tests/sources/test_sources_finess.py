"""FINESS: both forms of the establishments, the equipment file, each error; and through the real client."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from flows.core.datasets import FetchContext, Page
from flows.core.errors import DecodeError
from flows.portal.faults import Kind
from flows.portal.figures import Figures
from flows.portal.server import Portal
from flows.portal.sets import finess as told
from flows.sources import finess
from flows.sources.http import HttpClient
from tests.sources_b.conftest import make_territory

FIGURES = Path(__file__).resolve().parents[2] / "warehouse/demonstration"
(DATASET,) = finess.datasets(make_territory())
FIRST = "finess;etalab;111;2026-05-12\n"


def cells(number="590000001", commune="526", category="500", area="59", opened="2001-03-01"):
    row = dict.fromkeys(finess._STOCK, "")
    row |= {"nofinesset": number, "commune": commune, "departement": area, "categetab": category}
    row |= {"libcategetab": "Résidence ; « Les Tilleuls »", "dateouv": opened, "datemaj": "2026-05-02"}
    return row


def stock(*rows):
    lines = [";".join(["structureet", *(f'"{row[c]}"' if ";" in row[c] else row[c] for c in row)]) for row in rows]
    return (FIRST + "\n".join(lines)).encode()


def equipment(*records):
    lines = []
    for number, activity, places, withdrawn in records:
        record = [""] * 28
        record[:5] = ["equipementsocial", number, "924", "Accueil", activity]
        record[9], record[15], record[24] = str(places), withdrawn, "N"
        lines.append(";".join(record))
    return ("finess;etalab;114;2026-05-12\n" + "\n".join(lines)).encode()


def decoded(establishments: bytes, places: bytes = equipment(("590000001", "11", 80, "N"))):
    address = "https://www.data.gouv.fr/api/1/datasets/r/finess"
    pages = [
        Page(address=address, body=establishments, name="etablissements"),
        Page(address=address, body=places, name="equipements"),
    ]
    return DATASET.decode(pages).to_pylist()


def test_the_real_lines_of_the_stock_are_read(shared):
    """Three recorded establishments, of two départements: one hospital is kept when its département is ours."""
    body = (shared / "data/health/finess_cs1100502_stock_20260512_excerpt.csv").read_bytes()
    pages = [
        Page(address="x", body=body, name="etablissements"),
        Page(address="y", body=equipment(("010000024", "11", 3, "N")), name="equipements"),
    ]
    (row,) = finess.decode(pages, "01").to_pylist()
    assert row == {
        "nofinesset": "010000024",
        "code_commune": "01451",
        "categorie": "355",
        "libelle_categorie": "Centre Hospitalier (C.H.)",
        "date_ouverture": dt.date(1979, 2, 13),
        "places": 3,
        "date_etat": dt.date(2026, 5, 12),
    }
    with pytest.raises(DecodeError, match="Aucun établissement du département 59"):
        finess.decode(pages, "59")


def test_overseas_communes_are_named_by_insee():
    assert finess.commune_of({"departement": "9F", "commune": "606"}) == "97606"
    assert finess.commune_of({"departement": "2A", "commune": "4"}) == "2A004"


def test_places_are_lodging_that_is_not_withdrawn():
    given = equipment(
        ("590000001", "11", 70, "N"),
        ("590000001", "11", 5, "N"),
        ("590000001", "21", 12, "N"),
        ("590000001", "11", 40, "O"),
        ("620000001", "11", 99, "N"),
    )
    rows = decoded(stock(cells(), cells("590000002", opened="1900-01-01"), cells("590000003", category="999")), given)
    found = [(r["nofinesset"], r["code_commune"], r["places"], r["date_ouverture"]) for r in rows]
    assert found == [("590000001", "59526", 75, dt.date(2001, 3, 1)), ("590000002", "59526", None, None)]


def test_the_re_exposed_form_gives_the_same_rows():
    names = [*finess._STOCK, "coordxet", "coordyet"]
    line = ";".join(f'"{cells().get(name, "")}"' for name in names)
    again = decoded(f"{';'.join(names)}\n{line}\n".encode())
    same = decoded(stock(cells()))
    # It has no date of its own: the newest change stands for it.
    assert [{**r, "date_etat": dt.date(2026, 5, 12)} for r in again] == same
    assert again[0]["date_etat"] == dt.date(2026, 5, 2)


@pytest.mark.parametrize(
    ("establishments", "places", "said"),
    [
        (b"nom;ville\na;b\n", None, "Ni stock etalab"),
        (b"<html>maintenance</html>", None, "Ni stock etalab"),
        (stock(cells(), cells()), None, "deux fois"),
        (FIRST.encode() + b"structureet;590000001;1", None, "3 cellules au lieu de 32"),
        (b"finess;etalab;111;hier\n", None, "pas une date"),
        (stock(cells(opened="mars")), None, "pas une date"),
        (stock(cells()), b"finess;etalab;114;2026-05-12\n", "aucun enregistrement"),
        (stock(cells()), b"equipementsocial;590000001;924", "3 cellules"),
        (stock(cells()), equipment(("590000001", "11", "beaucoup", "N")), "pas un nombre"),
        (stock(cells()), equipment(("590000001", "11", "80.5", "N")), "pas un nombre entier"),
        (FIRST.encode() + b'structureet;"590', None, "mal formé"),
    ],
)
def test_a_wrong_file_is_refused_with_its_address(establishments, places, said):
    with pytest.raises(DecodeError, match=said) as error:
        decoded(establishments, *([places] if places else []))
    assert error.value.where.startswith("https://www.data.gouv.fr") and error.value.todo


@pytest.mark.parametrize("withdrawn", [False, True])
def test_through_the_portal(withdrawn):
    with (
        Portal(FIGURES, dt.date(2026, 11, 20)) as portal,
        HttpClient(portal=portal.url, user_agent="tests", tries=1, deadline_s=10) as http,
    ):
        ctx = FetchContext(http=http, territory=make_territory(), nuit=dt.date(2026, 11, 20))
        assert DATASET.probe(ctx, next(iter(DATASET.partitions(ctx))))
        if withdrawn:
            path = "/api/1/datasets/finess-extraction-du-fichier-des-etablissements"
            portal.faults.add("www.data.gouv.fr", path, Kind.WITHDRAWN)
        pages = list(DATASET.fetch(ctx, next(iter(DATASET.partitions(ctx)))))
        rows = DATASET.decode(pages).to_pylist()
    assert any(page.simulated for page in pages)
    expected = told.simulated(Figures(FIGURES))
    assert len(rows) == len(expected) and {r["date_etat"] for r in rows} == {dt.date(2026, 5, 12)}
    assert sum(r["places"] or 0 for r in rows) == sum(int(r["places"] or 0) for r in expected)


def test_a_line_that_lost_a_cell_is_refused_not_passed_over():
    """Found by the campaign: an equipment read by place from a shifted line, a record whose beginning was cut."""
    good = equipment(("590000001", "11", 80, "N"), ("590000002", "11", 60, "N"))
    first = good.splitlines(keepends=True)[1]
    for broken in (first.replace(b";", b";;", 1), first.removeprefix(b"equipementsocial;")):
        with pytest.raises(DecodeError, match=r"cellules, les autres|aucun genre connu"):
            decoded(stock(cells()), good.replace(first, broken))
    with pytest.raises(DecodeError, match="deux numéros"):
        decoded(stock(cells()), good + b"\nstructureet;590000003;5900")
