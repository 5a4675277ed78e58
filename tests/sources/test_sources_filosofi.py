"""Insee's Filosofi archives of every era, archives that lie, cells of workbooks and CSV."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from flows.core.datasets import Page
from flows.core.errors import DecodeError
from flows.sources import archives, insee_filosofi
from flows.sources.decoding import code_text, decimal, number_text
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


def filosofi(territory, year: int, files: dict[str, bytes | str]) -> list[dict]:
    page = Page(f"{insee_filosofi.BASE}/{insee_filosofi.VINTAGES[year]}", zipped(files), name="archive")
    dataset = insee_filosofi.datasets(territory)[0]
    table = dataset.decode([page])
    assert table.schema.equals(dataset.schema)
    return table.to_pylist()


def test_wide_csv_keeps_markers_and_commas_as_written(territory):
    files = {
        "cc_filosofi_2018_COM-geo2021.CSV": "\ufeffCODGEO;MED18;TP6018;TP60AGE118\r\n59526;19930,5;18,0;30\r\n"
        "59192;21000;s;s\r\n59645;;;\r\n59001;nd;so;so\r\n62001;1;1;1\r\n",
        "cc_filosofi_2018_EPCI-geo2021.CSV": "CODGEO;MED18;TP6018\n200042190;18890;21,6\n200000172;20000;10\n",
        "cc_filosofi_2018_METRO-geo2021.CSV": "CODGEO;MED18;TP6018\n1;21730;14,8\n",
        "cc_filosofi_2018_ZE2020.CSV": "CODGEO;MED18;TP6018\n3222;1;1\n",
        "meta_cc_filosofi_2018_COM.CSV": "COD_VAR;LIB_VAR\nMED18;x\n",
    }
    rows = filosofi(territory, 2018, files)
    values = {(r["niveau"], r["codgeo"], r["mesure"]): r["valeur_brute"] for r in rows}
    assert values == {
        ("COM", "59526", "MED"): "19930,5",
        ("COM", "59526", "TP60"): "18,0",
        ("COM", "59192", "MED"): "21000",
        ("COM", "59192", "TP60"): "s",
        ("COM", "59645", "MED"): "",
        ("COM", "59645", "TP60"): "",
        ("COM", "59001", "MED"): "nd",
        ("COM", "59001", "TP60"): "so",
        ("EPCI", "200042190", "MED"): "18890",
        ("EPCI", "200042190", "TP60"): "21,6",
        ("METROPOLE", "1", "MED"): "21730",
        ("METROPOLE", "1", "TP60"): "14,8",
    }
    assert {r["annee"] for r in rows} == {2018}
    assert [(r["niveau"], r["codgeo"], r["mesure"]) for r in rows] == sorted(values)


def test_workbooks_have_one_sheet_a_level_and_codes_on_row_six(territory):
    titles = [["Filosofi"], ["Mise en ligne"], ["Champ"], [""], ["Code", "Libellé", "Médiane", "Taux"]]
    book = workbook(
        {
            "Documentation": [["x"]],
            "COM": [
                *titles,
                ["CODGEO", "LIBGEO", "MED14", "TP6014"],
                [59526, "Saint-Amand", 18234.5, 17],
                ["59192", "É", 20000, ""],
            ],
            "DEP": [
                *titles,
                ["CODGEO", "LIBGEO", "MED14", "TP6014"],
                [59, "Nord", 18500, 19.2],
                ["01", "Ain", 21000, 10.1],
            ],
            "ZE2010": [*titles, ["CODGEO", "LIBGEO", "MED14", "TP6014"], ["3115", "Valenciennes", 1, 1]],
        }
    )
    rows = filosofi(territory, 2014, {"filo-revenu-pauvrete-menage-2014/base-cc-filosofi-2014.xlsx": book})
    values = {(r["niveau"], r["codgeo"], r["mesure"]): r["valeur_brute"] for r in rows}
    assert values[("COM", "59526", "MED")] == "18234.5" and values[("COM", "59526", "TP60")] == "17"
    assert values[("COM", "59192", "TP60")] == "" and values[("DEP", "59", "TP60")] == "19.2"
    assert {level for level, _, _ in values} == {"COM", "DEP"} and ("DEP", "01", "MED") in values


LONG = "GEO;GEO_OBJECT;FILOSOFI_MEASURE;UNIT_MEASURE;CONF_STATUS;OBS_STATUS;TIME_PERIOD;OBS_VALUE\n"


def test_the_long_shape(territory):
    text = LONG + (
        '"59526";"COM";"MED_SL";"EUR_YR";"F";"A";"2023";"23000"\n'
        '"59192";"COM";"PR_MD60";"PT";"C";"O";"2023";""\n'
        '"59645";"COM";"PR_MD60";"PT";"F";"O";"2023";""\n'
        '"FM";"FRANCE";"PR_MD60";"PT";"F";"A";"2023";"15.9"\n'
        '"F";"FRANCE";"PR_MD60";"PT";"F";"A";"2023";"16.0"\n'
        '"59526";"COM";"D1_SL";"EUR_YR";"F";"A";"2023";"12000"\n'
        '"3222";"ZE2020";"MED_SL";"EUR_YR";"F";"A";"2023";"1"\n'
    )
    rows = filosofi(
        territory, 2023, {"DS_FILOSOFI_CC_2023_data.csv": "\ufeff" + text, "DS_FILOSOFI_CC_2023_metadata.csv": "x"}
    )
    assert [(r["niveau"], r["codgeo"], r["mesure"], r["valeur_brute"]) for r in rows] == [
        ("COM", "59192", "TP60", "s"),
        ("COM", "59526", "MED", "23000"),
        ("COM", "59645", "TP60", ""),
        ("METROPOLE", "FM", "TP60", "15.9"),
    ]
    with pytest.raises(DecodeError, match="chiffres de 2021"):
        filosofi(territory, 2023, {"DS_data.csv": LONG + "59526;COM;MED_SL;x;F;A;2021;1\n"})


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"cc_filosofi_2018_COM.csv": "CODGEO;MED18\n59526;1\n"}, "Il manque : TP6018"),
        ({"cc_filosofi_2018_COM.csv": "CODGEO;MED17;TP6017\n59526;1;2\n"}, "MED18, TP6018"),
        ({"cc_filosofi_2018_COM.csv": "CODGEO;MED18;TP6018\n59526;1;2\n59526;1;2\n"}, "deux fois"),
        ({"cc_filosofi_2018_COM.csv": "CODGEO;MED18;TP6018\n59526;1;2;3\n"}, "ligne 2 a 4 cellules au lieu de 3"),
        ({"cc_filosofi_2018_COM.csv": "CODGEO;MED18;TP6018;É\n59526;1;2;é\n".encode("cp1252")}, "UTF-8"),
        ({"lisezmoi.txt": "rien"}, "Aucun tableau de Filosofi 2018.*lisezmoi"),
        ({"base_COM.xls": b"\xd0\xcf\x11\xe0garbage"}, "classeur"),
    ],
)
def test_filosofi_refused(territory, files, words):
    with pytest.raises(DecodeError, match=words):
        filosofi(territory, 2018, files)


def test_every_vintage_is_a_closed_partition_at_its_own_address(territory):
    dataset = insee_filosofi.datasets(territory)[0]
    http = FakeHttp(lambda url, params: Page(url, b"zip"))
    partitions = list(dataset.partitions(context(http, territory)))
    assert [p.key for p in partitions] == [str(y) for y in (*range(2012, 2021), 2023)]
    assert all(p.closed for p in partitions)
    addresses = [page.address for p in partitions for page in dataset.fetch(context(http, territory), p)]
    assert len(set(addresses)) == len(partitions)


# -- archives that lie ---


def test_a_bomb_is_not_inflated(monkeypatch):
    body = zipped({"a.csv": b"0" * 5_000_000})
    archive = archives.Archive(Page("https://h.fr/a.zip", body))
    assert len(body) < 10_000
    with pytest.raises(DecodeError, match="raisonnable"):
        archive.read("a.csv")
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 1_500)
    two = archives.Archive(Page("https://h.fr/a.zip", zipped({"a": b"x" * 1000, "b": b"y" * 1000})))
    assert len(two.read("a")) == 1000
    with pytest.raises(DecodeError, match="raisonnable"):
        two.read("b")


def test_damaged_encrypted_and_crowded_archives(monkeypatch):
    body = bytearray(zipped({"a.csv": bytes(range(256)) * 40}))
    body[60] ^= 0xFF
    with pytest.raises(DecodeError, match="abîmé"):
        archives.Archive(Page("https://h.fr/a.zip", bytes(body))).read("a.csv")
    with pytest.raises(DecodeError, match="ouverte"):
        archives.Archive(Page("https://h.fr/a.zip", b"PK\x03\x04 cut"))
    locked = bytearray(zipped({"a.csv": b"x"}))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DecodeError, match="chiffré"):
        archives.Archive(Page("https://h.fr/a.zip", bytes(locked))).read("a.csv")
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    with pytest.raises(DecodeError, match="3 fichiers"):
        archives.Archive(Page("https://h.fr/a.zip", zipped({"a": "", "b": "", "c": ""})))


# -- cells ---


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4), st.sampled_from([".", ","]))
def test_decimals_are_read_with_a_point_or_a_comma(value, sign):
    assert decimal(f" {value:.4f} ".replace(".", sign)) == float(f"{value:.4f}")


@given(st.text(max_size=12))
def test_a_decimal_is_a_number_or_refused(text):
    try:
        value = decimal(text)
    except ValueError:
        return
    assert value is None or value == value


@pytest.mark.parametrize("text", ["s", "so", "nd", "1 000", "1.000,5", "NaN", "inf", "1_0", "--1", "1e999", "٣x"])
def test_markers_are_never_numbers(text):
    with pytest.raises(ValueError):
        decimal(text)


@given(st.integers(0, 99999))
def test_codes_of_workbooks_become_text(code):
    assert code_text(float(code), 5) == f"{code:05d}" == code_text(f"{code:05d}", 5)
    assert code_text("2A", 2) == "2A" and number_text(float(code)) == str(code)


@pytest.mark.parametrize(
    ("year", "file", "poverty_secret"),
    [(2012, "base-cc-filosofi-2012_COM_dep59.csv", ""), (2020, "cc_filosofi_2020_COM_dep59.csv", "s")],
)
def test_the_original_filosofi_bytes(shared: Path, territory, year, file, poverty_secret):
    body = (shared / "data/filosofi" / file).read_bytes()
    rows = filosofi(territory, year, {f"base-cc-filosofi-{year}_COM.csv": body})
    values = {(r["codgeo"], r["mesure"]): r["valeur_brute"] for r in rows}
    assert len(rows) == 2 * body.count(b"\n59")
    assert values[("59001", "TP60")] == poverty_secret  # Abancourt, 182 households
    assert values[("59526", "MED")] == {2012: "17524.0", 2020: "20480"}[year]
    assert values[("59526", "TP60")] == {2012: "19", 2020: "18,0"}[year]
