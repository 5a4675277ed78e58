"""The code officiel géographique and the members of EPCI by year: original bytes, portal round trip, errors."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest

from flows.core.datasets import FetchContext, Page, Partition
from flows.core.errors import DecodeError
from flows.sources.insee_cog import COG, FIRST_YEAR, YEAR, datasets, decode_cog, decode_members, members_address

ROOT = Path(__file__).resolve().parents[2]
ORIGINAL = ROOT.parent / "shared" / "data" / "geo"
NOW = "TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT\n"
MOVED = (
    "MOD,DATE_EFF,TYPECOM_AV,COM_AV,TNCC_AV,NCC_AV,NCCENR_AV,LIBELLE_AV,"
    "TYPECOM_AP,COM_AP,TNCC_AP,NCC_AP,NCCENR_AP,LIBELLE_AP\n"
)
DENAIN = "COM,59172,32,59,59D,596,0,DENAIN,Denain,Denain,5910,\n"
AIX = "10,2018-11-08,COM,59004,1,AIX,Aix,Aix,COM,59004,1,AIX EN PEVELE,Aix-en-Pévèle,Aix-en-Pévèle\n"


def zipped(**files: str | bytes) -> bytes:
    """A zip of `name=text`; a double underscore in a name is its dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in files.items():
            archive.writestr(name.replace("__", "."), body)
    return buffer.getvalue()


def page(body: bytes, address: str = COG) -> list[Page]:
    return [Page(address, body)]


def test_original_bytes() -> None:
    """The 648 communes of the Nord on 1 January 2024 and every movement."""
    files = {"v_commune_2024__csv": "cog_communes_2024_dep59.csv", "v_mvt__csv": "cog_mouvements_communes_dep59.csv"}
    if not ORIGINAL.is_dir():
        pytest.skip("the original files are kept beside the project, not in it")
    body = zipped(**{name: (ORIGINAL / file).read_bytes() for name, file in files.items()})
    rows = decode_cog(page(body), "59").to_pylist()
    told = list(csv.DictReader((ORIGINAL / files["v_commune_2024__csv"]).open(encoding="utf-8")))
    communes = {r["com_ap"]: r["libelle_ap"] for r in rows if r["objet"] == "commune"}
    assert communes == {r["COM"]: r["LIBELLE"] for r in told if r["TYPECOM"] == "COM"}
    assert communes["59192"] == "Émerchicourt"
    moved = [r for r in rows if r["objet"] == "mouvement"]
    lines = list(csv.DictReader((ORIGINAL / files["v_mvt__csv"]).open(encoding="utf-8")))
    assert {(r["com_av"], r["com_ap"], r["date_eff"].isoformat(), r["mod"]) for r in moved} == {
        (r["COM_AV"], r["COM_AP"], r["DATE_EFF"], int(r["MOD"])) for r in lines
    }
    assert len({tuple(r.items()) for r in moved}) == len(moved) == len(lines)


def test_another_departement_is_left_out() -> None:
    body = zipped(a__csv=NOW + DENAIN + DENAIN.replace("59172", "62427"), b__csv=MOVED + AIX)
    rows = decode_cog(page(body), "59").to_pylist()
    assert [r["com_ap"] for r in rows if r["objet"] == "commune"] == ["59172"]
    (moved,) = [r for r in rows if r["objet"] == "mouvement"]
    assert moved["date_eff"] == dt.date(2018, 11, 8) and moved["libelle_ap"] == "Aix-en-Pévèle"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a__csv": NOW + DENAIN}, "mouvements"),
        ({"b__csv": MOVED + AIX}, "communes"),
        ({"a__csv": NOW.replace("LIBELLE", "NOM") + DENAIN, "b__csv": MOVED + AIX}, "LIBELLE"),
        ({"a__csv": NOW + DENAIN + DENAIN, "b__csv": MOVED + AIX}, "commune est écrite deux fois"),
        ({"a__csv": NOW + DENAIN, "b__csv": MOVED + AIX + AIX}, "mouvement est écrit deux fois"),
        ({"a__csv": NOW + DENAIN.replace("59172", "62427"), "b__csv": MOVED + AIX}, "Aucune commune"),
        ({"a__csv": NOW + DENAIN, "b__csv": MOVED + AIX.replace("2018-11-08", "8/11/2018")}, "date"),
        ({"a__csv": NOW + DENAIN, "b__csv": MOVED + AIX.replace("10,", "dix,")}, "type"),
        ({"a__csv": NOW + DENAIN.replace("59172", "59172.0"), "b__csv": MOVED + AIX}, "code de commune"),
        ({"a__csv": NOW + DENAIN.replace(",5910,", ","), "b__csv": MOVED + AIX}, "cellules"),
    ],
)
def test_what_is_not_the_cog_is_refused(files: dict[str, str], said: str) -> None:
    with pytest.raises(DecodeError, match=said) as caught:
        decode_cog(page(zipped(**files)), "59")
    assert caught.value.where.startswith(COG)


def book(*rows: list[object], sheet: str = "COM") -> bytes:
    from openpyxl import Workbook

    made = Workbook()
    made.active.title = sheet
    for line in ([], [], [], [], [], ["CODGEO", "LIBGEO", "DEP", "REG", "EPCI"], *rows):
        made.active.append(line or [""])
    buffer = io.BytesIO()
    made.save(buffer)
    return zipped(table__xlsx=buffer.getvalue())


OURS = ["59192", "Émerchicourt", "59", "32", "200042190"]


def test_a_year_is_that_of_its_address_and_no_epci_is_null() -> None:
    pages = [
        *page(book(OURS), members_address(2024)),
        *page(book([*OURS[:4], "ZZZZZZZZZ"], ["02001", "X", "02", "32", "1"]), members_address(2010)),
    ]
    assert decode_members(pages, "59").to_pylist() == [
        {"annee": 2010, "codgeo": "59192", "libgeo": "Émerchicourt", "epci": None},
        {"annee": 2024, "codgeo": "59192", "libgeo": "Émerchicourt", "epci": "200042190"},
    ]


@pytest.mark.parametrize(
    ("body", "address", "said"),
    [
        (book(OURS), "https://www.insee.fr/autre.zip", "année"),
        (book(OURS, sheet="ARM"), members_address(2024), "feuille COM"),
        (book(OURS, OURS), members_address(2024), "deux fois en 2024"),
        (book(["62427", "X", "62", "32", "246200299"]), members_address(2024), "Aucune commune"),
        (book([*OURS[:4], "20004219"]), members_address(2024), "SIREN"),
        (zipped(a__txt="x"), members_address(2024), "0 classeurs"),
        (b"<html>", members_address(2024), "archive"),
    ],
)
def test_what_is_not_a_table_of_members_is_refused(body: bytes, address: str, said: str) -> None:
    with pytest.raises(DecodeError, match=said):
        decode_members(page(body, address), "59")


def test_round_trip_through_the_portal(territory) -> None:
    """What the portal serves in the shape of the site is landed as the demonstration keeps it."""
    from flows.portal import Portal
    from flows.sources.http import HttpClient

    nuit = dt.date(2026, 11, 20)
    folder = ROOT / "warehouse" / "demonstration"
    with Portal(folder, nuit) as portal:
        http = HttpClient(portal=portal.url, user_agent="t", stored=lambda _: None)
        ctx = FetchContext(http=http, territory=territory, nuit=nuit)
        for dataset in datasets(territory):
            pages = list(dataset.fetch(ctx, Partition("courant")))
            rows = dataset.decode(pages).to_pylist()
            with (folder / f"{dataset.table_name}.csv").open(encoding="utf-8", newline="") as file:
                kept = list(csv.DictReader(file))
            said = [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]
            assert sorted(said, key=str) == sorted(kept, key=str)
            if dataset.id == "insee/appartenances":
                assert [p.name for p in pages] == [str(year) for year in range(FIRST_YEAR, YEAR + 1)]
                truth = {r["annee"]: r["epci"] for r in rows if r["codgeo"] == "59192"}
                assert (truth[2022], truth[2023], truth[2024]) == ("200042190", "245901152", "200042190")
