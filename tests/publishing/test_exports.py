"""The contract with the world: columns, key, empty secrets, RFC 4180, addresses, bytes that do not move."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.errors import ReleaseError
from flows.core.periods import end_of
from flows.core.words import Nature, Niveau, Statut
from flows.publishing import exports, exports_rows
from flows.publishing.figures import indicator_ids
from tests.publishing.site_kit import exported
from tests.tiny_release import tiny_release

BASE = "https://observatoire.example.org"
CONTRACT = (
    "indicateur,territoire_niveau,territoire_code,territoire,periode,ventilation,valeur,unite,borne_basse,borne_haute,"
    "statut,nature,note,millesime,source,licence"
)


@pytest.fixture(scope="module")
def files(release, drawn):
    return exported(release, BASE, drawn)


def rows(body):
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def strict_fields(body):
    """RFC 4180 by its grammar, not by the csv module: records end with CRLF, quotes only wrap whole fields."""
    text = body.decode("utf-8")
    field = r'(?:"(?:[^"]|"")*"|[^",\r\n]*)'
    record = re.compile(rf"({field}(?:,{field})*)\r\n")
    records, at = [], 0
    while at < len(text):
        match = record.match(text, at)
        assert match, f"not RFC 4180 at {text[at : at + 60]!r}"
        parts = re.findall(rf"(?:^|,)({field})", match[1])
        records.append([p[1:-1].replace('""', '"') if p.startswith('"') else p for p in parts])
        at = match.end()
    return records


def test_addresses_of_every_indicator(files, release):
    for name in indicator_ids(release):
        for kind in ("csv", "json", "parquet", "xlsx", "svg", "png"):
            assert f"indicateurs/{name.replace('_', '-')}.{kind}" in files
    for name in (
        "observations.csv",
        "observations.parquet",
        "observations.xlsx",
        "observations-odbl.csv",
        "observations-odbl.parquet",
        "observations-odbl.xlsx",
        "territoires.csv",
        "trajectoires.csv",
    ):
        assert f"telechargements/{name}" in files
    assert not [address for address in files if "_" in address]


def test_csv_has_the_columns_of_the_contract(files, release):
    for address, body in files.items():
        if address.endswith(".csv") and (address.startswith("indicateurs/") or "observations" in address):
            assert body.split(b"\r\n", 1)[0].decode() == CONTRACT
            assert not body.startswith(b"\xef\xbb\xbf")


def test_csv_is_rfc_4180(files):
    for address, body in files.items():
        if address.endswith(".csv"):
            records = strict_fields(body)
            assert {len(record) for record in records} == {len(records[0])}, address
            assert records[1:] == [list(row.values()) for row in rows(body)], address


WHOLE = ("telechargements/observations.csv", "telechargements/observations-odbl.csv")


def whole(files):
    """Every observation, of both databases."""
    return [row for name in WHOLE for row in rows(files[name])]


def test_the_key_is_unique_and_orders_the_rows(files):
    keys = [[tuple(row[c] for c in exports_rows.KEY) for row in rows(files[name])] for name in WHOLE]
    assert all(part == sorted(part) for part in keys)
    assert len({*keys[0], *keys[1]}) == len(keys[0]) + len(keys[1]) == 257


def test_what_is_shared_alike_stands_in_its_own_database(files):
    """A figure made of an ODbL database is never in the one under the Licence Ouverte, whatever the format."""
    free, shared = (rows(files[name]) for name in WHOLE)
    assert free and shared
    assert not [row for row in free if "ODbL" in row["licence"]]
    assert {row["indicateur"] for row in shared} == {"jours_air_degrade"} and all(
        "ODbL" in r["licence"] for r in shared
    )
    table = pq.read_table(io.BytesIO(files["telechargements/observations.parquet"]))
    assert not [name for name in table["licence"].to_pylist() if "ODbL" in name]
    catalogue = json.loads(files["telechargements/catalogue.jsonld"])
    licences = {
        part["dcat:downloadURL"]["@id"].rsplit("/", 1)[-1]: part["dct:license"]["@id"]
        for dataset in catalogue["dcat:dataset"]
        for part in dataset["dcat:distribution"]
    }
    odbl = {name for name, licence in licences.items() if "opendatacommons" in licence}
    assert {name.rsplit(".", 1)[0] for name in odbl} == {"observations-odbl", "jours-air-degrade"}


def test_values_of_closed_lists_and_periods(files):
    for row in whole(files):
        Niveau(row["territoire_niveau"]), Nature(row["nature"])
        unknown = Statut(row["statut"]) in (Statut.SECRET, Statut.MANQUANT)
        assert (row["valeur"] == "") is unknown, row
        end_of(row["periode"])
        assert re.fullmatch(r"(-?\d+(\.\d+)?)?", row["valeur"])
        assert row["source"] and row["licence"] and row["unite"]


def test_figures_are_those_of_the_release(files, release):
    told = {tuple(r[c] for c in exports_rows.KEY): r for r in whole(files)}
    table = release.table("fct_observation").to_pylist()
    assert len(table) == len(told)
    for row in table:
        text = told[tuple(row[c] for c in exports_rows.KEY)]["valeur"]
        assert (None if text == "" else float(text)) == row["valeur"]


def test_hostile_text_survives_whole(files):
    found = [row for row in rows(files["indicateurs/revenu-median-uc.csv"]) if "<script>" in row["note"]]
    assert found[0]["note"] == "<script>alert(\"note & 'guillemets'\")</script>, virgule"
    assert "<script>" not in files["indicateurs/revenu-median-uc.svg"].decode()


def test_parquet_holds_the_same_rows(files, release):
    body = files["telechargements/observations.parquet"]
    table = pq.read_table(io.BytesIO(body))
    assert tuple(table.column_names) == exports_rows.COLUMNS
    assert table.schema.metadata[b"observatoire.version"] == release.id.encode()
    text = rows(files["telechargements/observations.csv"])
    assert [exports_rows.plain(v) for v in table["valeur"].to_pylist()] == [row["valeur"] for row in text]
    assert table["note"].to_pylist() == [row["note"] for row in text]


def test_json_says_what_the_figures_mean(files, release):
    document = json.loads(files["indicateurs/consommation-enaf.json"])
    assert document["unite"] == "hectares par an" and document["version"] == release.id
    assert document["licences"] == ["Licence Ouverte 2.0"]
    assert document["etat"]["etat"] == "derive" and document["etat"]["details"]["attendu"] == 75.82
    assert document["trajectoire"]["origine_statut"] == "document"
    assert [point["annee"] for point in document["trajectoire"]["courbe"]][:2] == [2020, 2021]
    assert len(document["observations"]) == len(rows(files["indicateurs/consommation-enaf.csv"]))
    assert json.loads(files["indicateurs/revenu-median-uc.json"])["ruptures"][0]["periode"] == "2023"
    secret = [
        o for o in json.loads(files["indicateurs/taux-pauvrete.json"])["observations"] if o["statut"] == "secret"
    ]
    assert len(secret) == 5 and all(o["valeur"] is None for o in secret)


def test_workbook_has_french_headings_a_readme_and_no_formula(files):
    book = openpyxl.load_workbook(io.BytesIO(files["indicateurs/revenu-median-uc.xlsx"]))
    assert book.sheetnames == ["Données", "Lisez-moi"]
    sheet = book["Données"]
    assert [cell.value for cell in sheet[1]][:5] == ["Indicateur", "Niveau", "Code", "Territoire", "Période"]
    assert sheet.max_row == len(rows(files["indicateurs/revenu-median-uc.csv"])) + 1
    assert isinstance(sheet["C2"].value, str) and isinstance(sheet["G2"].value, int | float)
    about = {line[0].value: line[1].value for line in book["Lisez-moi"].iter_rows()}
    assert about["Unité"] == "€ par an et par unité de consommation"
    assert about["Sources"] == "Insee, Filosofi" and about["Licences"] == "Licence Ouverte 2.0"

    def formula(all_rows):
        return [r | {"note": "=1+1"} for r in all_rows if r["indicateur"] == "production_enr"]

    body = exported(tiny_release(fct_observation=formula), BASE, {})
    cell = openpyxl.load_workbook(io.BytesIO(body["indicateurs/production-enr.xlsx"]))["Données"]["M2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_beyond_a_spreadsheet_the_communes_are_left_out_and_it_is_said(release, monkeypatch):
    for name in ("MOST_ROWS", "MOST_IN_WORKBOOK", "MOST_IN_WHOLE_WORKBOOK"):
        monkeypatch.setattr(f"flows.publishing.exports.{name}", 60)
    body = exported(release, BASE, {})
    book = openpyxl.load_workbook(io.BytesIO(body["telechargements/observations.xlsx"]))
    assert {cell.value for cell in book["Données"]["B"][1:]} & {"commune"} == set()
    assert "245 lignes" in book["Lisez-moi"]["B1"].value
    assert len(whole(body)) == 257
    beyond = [f for f in body if f.endswith(".csv") and f.startswith("indicateurs/") and len(rows(body[f])) > 60]
    for address in beyond:
        book = openpyxl.load_workbook(io.BytesIO(body[address.replace(".csv", ".xlsx")]))
        assert "communes sont dans les fichiers CSV et Parquet" in book["Lisez-moi"]["B1"].value
    document = json.loads(body["indicateurs/revenu-median-uc.json"])
    if "observations_partielles" in document:
        assert not [o for o in document["observations"] if o["territoire_niveau"] == "commune"]
    else:
        assert len(document["observations"]) <= 60


def test_the_same_release_gives_the_same_bytes(files, drawn):
    again = exported(tiny_release(), BASE, drawn)
    assert list(again) == list(files)
    assert [a for a in files if again[a] != files[a]] == []


def test_nothing_inside_a_workbook_is_dated_by_the_clock(files):
    with zipfile.ZipFile(io.BytesIO(files["telechargements/observations.xlsx"])) as archive:
        assert {item.date_time[0] for item in archive.infolist()} == {1980}
        assert b"2026-11-20" in archive.read("docProps/core.xml")


def test_checksums_cover_every_other_file(files):
    sums = dict(
        reversed(line.split("  ", 1)) for line in files["telechargements/empreintes.sha256"].decode().splitlines()
    )
    assert set(sums) == set(files) - {"telechargements/empreintes.sha256"}
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for name, digest in sums.items())


def test_data_package_describes_the_files(files):
    package = json.loads(files["telechargements/datapackage.json"])
    resources = {resource["path"]: resource for resource in package["resources"]}
    main = resources["observations.csv"]
    assert [field["name"] for field in main["schema"]["fields"]] == CONTRACT.split(",")
    assert main["schema"]["primaryKey"] == list(exports_rows.KEY)
    assert main["bytes"] == len(files["telechargements/observations.csv"])
    assert package["version"] == "2026-11-20-7f3a" and "démonstration" in package["description"]


def test_catalogue_names_a_dataset_for_each_indicator(files, release):
    catalogue = json.loads(files["telechargements/catalogue.jsonld"])
    datasets = {dataset["@id"]: dataset for dataset in catalogue["dcat:dataset"]}
    assert len(datasets) == len(indicator_ids(release)) + 2  # and the whole, in two databases
    dataset = datasets[f"{BASE}/indicateurs/revenu-median-uc/"]
    urls = [d["dcat:downloadURL"]["@id"] for d in dataset["dcat:distribution"]]
    assert f"{BASE}/indicateurs/revenu-median-uc.csv" in urls and len(urls) == 6
    assert all(url.removeprefix(f"{BASE}/") in files for url in urls)


def test_an_indicator_without_chart_has_a_card_that_says_why(files):
    svg = files["indicateurs/autonomie-energetique.svg"].decode()
    assert "Pas de\u00a0graphique." in svg or "Pas de graphique." in svg
    assert "encore calculé" in svg.replace("\u00a0", " ")
    assert files["indicateurs/autonomie-energetique.png"].startswith(b"\x89PNG")


def test_a_secret_with_a_value_never_leaves():
    def leak(all_rows):
        return [r | ({"valeur": 12.0} if r["statut"] == "secret" else {}) for r in all_rows]

    with pytest.raises(ReleaseError) as error:
        exported(tiny_release(fct_observation=leak), BASE, {})
    assert "secret" in error.value.what and "taux_pauvrete" in error.value.where and error.value.todo


def test_files_are_written_where_the_site_serves_them(tmp_path, release, drawn, files):
    written = exports.write_exports(release, tmp_path, BASE, charts=drawn)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == sorted(files)
    assert all(path.read_bytes() == files[path.relative_to(tmp_path).as_posix()] for path in written)


def test_a_disk_that_refuses_says_which_file(tmp_path, release, drawn):
    (tmp_path / "indicateurs").write_text("in the way")
    with pytest.raises(ReleaseError) as error:
        exports.write_exports(release, tmp_path, BASE, charts=drawn)
    assert "indicateurs/" in error.value.where and error.value.todo


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_exact_and_without_noise(value):
    text = exports_rows.plain(value)
    assert float(text) == value
    assert re.fullmatch(r"-?\d+(\.\d*[1-9])?", text)


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8), min_size=2, max_size=4))
def test_any_text_comes_back_from_csv(values):
    columns = [f"c{i}" for i in range(len(values))]
    body = exports_rows.csv_bytes(columns, [dict(zip(columns, values, strict=True))])
    assert strict_fields(body)[1] == values


CELL = st.none() | st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=6)
FIGURE = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(CELL, FIGURE, CELL), max_size=6))
def test_lines_composed_by_column_are_those_written_cell_by_cell(cells):
    kinds = {"a": pa.string(), "b": pa.float64(), "c": pa.string()}
    table = pa.table(
        {name: pa.array([row[i] for row in cells], kind) for i, (name, kind) in enumerate(kinds.items())}
    )
    body = exports_rows.csv_header(table.column_names) + exports_rows.csv_lines(table)
    assert body == exports_rows.csv_bytes(table.column_names, table.to_pylist())
