"""Insee's files: unemployment workbooks, comparateur, names that change each quarter."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from flows.core.datasets import Page
from flows.core.errors import DecodeError, SourceUnavailable, SourceWithdrawn
from flows.sources import insee_files, quarters
from tests.sources.conftest import FakeHttp, context


def zipped(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def workbook(sheets: dict[str, list[list]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
    return out.getvalue()


# -- unemployment ---

ZONES = [
    ["titre"],
    ["Source"],
    [],
    ["", "", "", "", "", "en %"],
    ["Code", "Libellé", "Région", "Libellé", "1er trimestre 2003", "2e trimestre 2003"],
    ["ZE2020", "LIBZE2020", "REG", "LIBREG", "2003-T1", "2003-T2"],
    ["0101", "Côte sous le vent", "01", "GUADELOUPE", "", ""],
    ["3222", "Valenciennes", "32", "HAUTS-DE-FRANCE", 12.5, 12.3],
]


def zones(rows: list[list]) -> list[dict]:
    page = Page("https://www.insee.fr/x.xlsx", workbook({"Documentation": [["x"]], "txcho_ze": rows}))
    return insee_files.decode_zones([page]).to_pylist()


def test_zones_are_long_and_unpublished_rates_null():
    rows = zones(ZONES)
    assert [(r["ze2020"], r["periode"], r["taux"]) for r in rows] == [
        ("0101", "2003-T1", None),
        ("0101", "2003-T2", None),
        ("3222", "2003-T1", 12.5),
        ("3222", "2003-T2", 12.3),
    ]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row for row in ZONES if row[:1] != ["ZE2020"]], "codes"),
        ([*ZONES[:5], ["ZE2020", "NOM", "REG", "LIBREG", "2003-T1", "2003-T2"], *ZONES[6:]], "LIBZE2020"),
        ([*ZONES, ["3222", "Valenciennes", "32", "HDF", 1, 2]], "deux fois : 3222"),
        ([*ZONES, ["3208", "Cambrai", "32", "HDF", "n.d.", 2]], "n.d.*n'est pas un nombre"),
        (ZONES[:6], "aucune ligne"),
    ],
)
def test_zones_refused(rows, words):
    with pytest.raises(DecodeError, match=words):
        zones(rows)
    with pytest.raises(DecodeError, match="txcho_ze"):
        insee_files.decode_zones([Page("https://www.insee.fr/x.xlsx", workbook({"autre": [["x"]]}))])


def test_departements_codes_and_france_rows():
    rows = [
        ["titre"],
        ["(en%)"],
        [],
        ["Code", "Libellé", "T1_2024", "T2_2024"],
        ["01", "AIN", 5.6, 5.7],
        [59.0, "NORD", 10.1, 10.0],
        ["2A", "CORSE-DU-SUD", 6, ""],
        ["", "France métropolitaine", 7.1, 7.2],
        ["", "France (hors Mayotte)", 7.4, 7.3],
        ["", "", "", ""],
        ["Données CVS, en moyenne trimestrielle (en %).", "", "", ""],
    ]
    table = insee_files.decode_departements([Page("https://www.insee.fr/x.xls", workbook({"Département": rows}))])
    latest = {r["code"]: r["taux"] for r in table.to_pylist() if r["periode"] == "2024-T2"}
    assert latest == {"01": 5.7, "59": 10.0, "2A": None, "FM": 7.2, "F": 7.3}


def test_the_original_workbooks(shared: Path):
    folder = shared / "data/emploi_chomage"
    page = Page("https://www.insee.fr/ze", (folder / "RAW_chomage-zone-t1-2003-t3-2023.xlsx").read_bytes())
    rates = insee_files.decode_zones([page])
    ours = [r for r in rates.to_pylist() if r["ze2020"] == "3222"]
    assert rates.num_rows == 302 * 83 and len(ours) == 83 and ours[-1]["taux"] == 12.3
    page = Page("https://www.insee.fr/dep", (folder / "RAW_sl_etc_2025T3.xls").read_bytes())
    rates = insee_files.decode_departements([page])
    codes = set(rates["code"].to_pylist())
    assert len(codes) == 100 and {"01", "09", "2A", "2B", "59", "974"} <= codes
    assert rates.num_rows == 100 * 175
    nord = [r for r in rates.to_pylist() if r["code"] == "59"]
    assert (nord[0]["periode"], nord[-1]["periode"], nord[-1]["taux"]) == ("1982-T1", "2025-T3", 10.0)


def test_the_original_comparateur(shared: Path, territory):
    folder = shared / "data/rp"
    body = zipped(
        {
            "base_cc_comparateur.CSV": (folder / "base_cc_comparateur_2022_dep59.CSV").read_bytes(),
            "meta_base_cc_comparateur.CSV": (folder / "meta_base_cc_comparateur_2022_dep59.CSV").read_bytes(),
        }
    )
    dataset = next(d for d in insee_files.datasets(territory) if d.id == "insee/comparateur")
    table = dataset.decode([Page("https://www.insee.fr/c.zip", body)])
    values = {(r["codgeo"], r["variable"]): r["valeur_brute"] for r in table.to_pylist()}
    census = {"P18_LOG", "P18_LOGVAC", "P18_RP", "P18_POP", "P18_EMPLT", "P18_ACT1564", "P18_CHOM1564"}
    assert {v for _, v in values} == census | {"SUPERF", "MED19", "TP6019"}
    assert values[("59526", "P18_LOGVAC")] == "772.380112097686" and values[("59001", "TP6019")] == ""


def test_comparateur_refused(territory):
    dataset = next(d for d in insee_files.datasets(territory) if d.id == "insee/comparateur")
    cases = {
        "P22_LOGVAC": {"base.csv": "CODGEO;SUPERF;P22_LOG;P22_RP;P22_POP;P22_EMPLT\n59526;1;2;3;4;5\n"},
        "SUPERF": {"base.csv": "CODGEO;P22_LOG\n59526;1\n"},
        "un tableau": {"a.csv": "CODGEO\n", "b.csv": "CODGEO\n"},
        "LOG": {"base.csv": "CODGEO;SUPERF\n"},
    }
    for words, files in cases.items():
        with pytest.raises(DecodeError, match=words):
            dataset.decode([Page("https://www.insee.fr/c.zip", zipped(files))])


# -- names that change each quarter --------------------------------------------------------------------------------


@given(st.dates(dt.date(2020, 1, 1), dt.date(2060, 12, 31)))
def test_quarters_are_over_and_newest_first(nuit):
    found = list(quarters.recent(nuit))
    assert len(found) == quarters.HOW_MANY and found == sorted(found, reverse=True)
    ends = [dt.date(year + (quarter == 4), quarter % 4 * 3 + 1, 1) for year, quarter in found]
    assert all(end <= nuit for end in ends) and (nuit - ends[0]).days < 92


def test_the_newest_file_that_exists_is_the_one(territory):
    def serve(url, params):
        return Page(url, b"xls") if url.endswith("sl_etc_2026T1.xls") else SourceWithdrawn("404", where=url)

    http = FakeHttp(serve)
    dataset = next(d for d in insee_files.datasets(territory) if d.id == "insee/chomage_departement")
    ctx = context(http, territory)
    [page] = dataset.fetch(ctx, next(iter(dataset.partitions(ctx))))
    assert page.address.endswith("/2012804/sl_etc_2026T1.xls")
    assert [url.rsplit("_", 1)[1] for url, _ in http.asked] == ["2026T3.xls", "2026T2.xls", "2026T1.xls"]


def test_no_name_left_is_a_withdrawal_and_an_outage_stays_one(territory):
    dataset = next(d for d in insee_files.datasets(territory) if d.id == "insee/chomage_ze")
    for error in (SourceWithdrawn, SourceUnavailable):
        http = FakeHttp(lambda url, params, e=error: e("non", where=url))
        ctx = context(http, territory)
        with pytest.raises(error):
            list(dataset.fetch(ctx, next(iter(dataset.partitions(ctx)))))
        assert len(http.asked) == (quarters.HOW_MANY if error is SourceWithdrawn else 1)
