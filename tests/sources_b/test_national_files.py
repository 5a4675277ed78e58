"""The three national CSV files of data.gouv.fr: real bytes where they exist, else the official header."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.core.errors import DecodeError
from flows.sources import cerema, ges, irve
from flows.sources.reading import number_of
from tests.sources_b.conftest import make_territory, page

# --- Cerema ------------------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_the_real_file_of_other_departements_is_read(shared: Path) -> None:
    body = (shared / "data" / "land" / "cerema_conso_com_raw_sample_other_departements.csv").read_bytes()
    raw = {r["idcom"]: r for r in csv.DictReader(io.StringIO(body.decode("utf-8-sig"))) if r["iddep"] == "33"}
    rows = cerema.decode([page(body)], "33").to_pylist()
    assert len(raw) == 534 and len(rows) == 534 * 14
    assert sorted({r["annee"] for r in rows}) == list(range(2011, 2025))
    for code, known in raw.items():
        flows = [r["naf_m2"] for r in rows if r["idcom"] == code]
        assert sum(flows) == pytest.approx(float(known["naf11art25"]), abs=0.5), "the flows make the published total"
    one = next(r for r in rows if r["idcom"] == "33063" and r["annee"] == 2011)
    assert one["naf_m2"] == float(raw["33063"]["naf11art12"])
    assert one["surfcom_m2"] == float(raw["33063"]["surfcom2025"])


HEADER = "idcom,idcomtxt,iddep,epci25,naf11art12,naf12art13,naf11art13,surfcom2025"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"{HEADER.replace('epci25', 'epci26')}\n", "epci25"),
        (f"{HEADER.replace('naf12art13', 'naf13art14')}\n", "ne se suivent pas : 2011, 2013"),
        (f"{HEADER}\n59172,Denain,59,200042190,1.0\n", "5 cellules au lieu de 8"),
        (f"{HEADER}\n62041,Arras,62,200033579,1.0,2.0,3.0,4.0\n", "Aucune commune du département 59"),
        (f"{HEADER}\n59172,Denain,59,200042190,NC,2.0,3.0,4.0\n", "« NC » n'est pas un nombre"),
        (f'{HEADER}\n59172,"Den"ain,59,200042190,1,2.0,3.0,4.0\n', "CSV lisible"),
        ("", "Il manque les colonnes"),
    ],
)
def test_a_land_file_that_changed_is_refused(body: str, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        cerema.decode([page(body.encode())], "59")


def test_latin_bytes_are_refused() -> None:
    with pytest.raises(DecodeError, match="UTF-8"):
        cerema.decode([page(f"{HEADER}\n59001,Ab\xe9,59,1,1,2,3,4\n".encode("latin-1"))], "59")


def test_an_empty_flow_is_null_and_zero_stays_zero() -> None:
    body = f"{HEADER}\n59172,Denain,59,200042190,,0.0,0.0,11520000.0\n".encode()
    assert [r["naf_m2"] for r in cerema.decode([page(body)], "59").to_pylist()] == [None, 0.0]


# --- IRVE --------------------------------------------------------------------------------------------------------

CONSOLIDATED = ("last_modified", "consolidated_longitude", "consolidated_latitude", "consolidated_commune")
POINT = {
    "id_pdc_itinerance": "FRXXXE1",
    "id_station_itinerance": "FRXXXP1",
    "code_insee_commune": "59172",
    "coordonneesXY": "[3.39, 50.33]",
    "puissance_nominale": "22",
    "date_mise_en_service": "2021-7-01",
    "date_maj": "2026-10-01",
    "contact_operateur": "contact@exemple.fr",
    "adresse_station": "Rue de Lille,\nDenain",
    "consolidated_longitude": "3.395",
    "consolidated_latitude": "50.331",
}
FIELDS = (*(f for f in POINT if not f.startswith("consolidated")), *CONSOLIDATED)


def irve_file(*points: dict[str, str], fields: tuple[str, ...] = FIELDS, bom: bool = False) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fields, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows([POINT | p for p in points])
    return out.getvalue().encode("utf-8-sig" if bom else "utf-8")


def codes(*points: dict[str, str], **options: Any) -> list[str | None]:
    return [r["code_insee_commune"] for r in irve.decode([page(irve_file(*points, **options))], "59").to_pylist()]


def test_points_are_kept_by_code_or_by_place() -> None:
    nowhere = {"code_insee_commune": ""}
    kept = codes(
        {},
        {"code_insee_commune": "62041"},
        {"code_insee_commune": "62041", "consolidated_longitude": "3.3"},
        nowhere,
        nowhere | {"consolidated_longitude": "2.35", "consolidated_latitude": "48.85"},
        nowhere | {"consolidated_longitude": "", "consolidated_latitude": ""},
        nowhere | {"consolidated_longitude": "", "coordonneesXY": "ici"},
        bom=True,
    )
    assert sorted(kept, key=str) == ["59172", None, None]


def test_operators_codes_and_powers_are_read_as_they_come() -> None:
    body = irve_file(
        {"code_insee_commune": "59172.0", "puissance_nominale": "7,4", "id_pdc_itinerance": "a"},
        {"code_insee_commune": " 59172 ", "puissance_nominale": "22 kW", "id_pdc_itinerance": "b"},
        {"puissance_nominale": "22000", "id_pdc_itinerance": "c"},
    )
    rows = irve.decode([page(body)], "59").to_pylist()
    assert [r["code_insee_commune"] for r in rows] == ["59172"] * 3
    assert [r["puissance_nominale"] for r in rows] == [7.4, None, 22000.0]
    assert {r["date_mise_en_service"] for r in rows} == {"2021-7-01"}


def test_a_code_that_lost_its_zero_finds_its_departement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(irve.BOXES, "01", (4.7, 45.6, 6.2, 46.6))
    (row,) = irve.decode([page(irve_file({"code_insee_commune": "1004"}, {}))], "01").to_pylist()
    assert row["code_insee_commune"] == "01004"


def test_a_consolidation_without_its_coordinates_falls_back_on_the_typed_ones() -> None:
    fields = tuple(f for f in FIELDS if not f.startswith("consolidated"))
    rows = irve.decode([page(irve_file({"code_insee_commune": ""}, fields=fields))], "59").to_pylist()
    assert [(r["consolidated_longitude"], r["consolidated_latitude"]) for r in rows] == [(3.39, 50.33)]


@pytest.mark.parametrize(
    ("body", "departement", "words"),
    [
        (irve_file({}, fields=("id_pdc_itinerance",)), "59", "Il manque les colonnes id_station_itinerance"),
        (irve_file({"code_insee_commune": "62041"}), "59", "Aucun point de charge"),
        (irve_file({}), "62", "Aucun cadre de coordonnées"),
        (irve_file({}).replace(b"59172", b"59172,x"), "59", "CSV lisible"),
        (irve_file({}).replace(b"date_mise_en_service", b"date_mise_en_service\x0b"), "59", "CSV lisible"),
        (irve_file({"date_maj": "\xe9"}).decode().encode("latin-1"), "59", "CSV lisible"),
    ],
)
def test_a_charge_point_file_that_changed_is_refused(body: bytes, departement: str, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        irve.decode([page(body)], departement)


def test_the_raw_file_is_not_published() -> None:
    (dataset,) = irve.datasets(make_territory())
    assert not dataset.brut_public and "téléphones" in dataset.raison_brut_prive


@pytest.mark.shared
def test_the_columns_asked_are_those_of_the_official_schema(shared: Path) -> None:
    schema = json.loads((shared / "data" / "mobility" / "irve_statique_schema_v2.3.0.json").read_bytes())
    official = {field["name"] for field in schema["fields"]}
    assert {n for n in irve._COLUMNS if not n.startswith("consolidated")} <= official


@pytest.mark.shared
def test_the_box_holds_the_whole_departement(shared: Path) -> None:
    contour = json.loads((shared / "data" / "geo" / "contour_departement_59.geojson").read_bytes())
    points: list[tuple[float, float]] = []

    def walk(value: Any) -> None:
        if isinstance(value, list) and value and isinstance(value[0], (int, float)):
            points.append((value[0], value[1]))
        elif isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            for item in value.values():
                walk(item)

    walk({k: v for k, v in contour.items() if k != "bbox"})
    west, south, east, north = irve.BOXES["59"]
    assert len(points) > 100
    assert all(west < x < east and south < y < north for x, y in points)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    assert min(xs) - west < 0.05 and east - max(xs) < 0.05 and min(ys) - south < 0.05 and north - max(ys) < 0.05


# --- GES ---------------------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_the_inventory_keeps_every_figure_and_every_blank(shared: Path) -> None:
    body = (shared / "data" / "air" / "citepa_igt_2016_ges_communes_caph_cavm.csv").read_bytes()
    raw = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    table = ges.decode([page(body)], "59")
    rows = table.to_pylist()
    assert len(rows) == len(raw) - 1 == 86
    assert [[r[c] for c in ges.SCHEMA.names] for r in rows] == [
        [*line[:2], *(float(cell) if cell else None for cell in line[2:])] for line in sorted(raw[1:])
    ]
    assert any(r["agriculture"] is None for r in rows) or any(r["autres_transports"] is None for r in rows)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("Routier", "Route"), "routier"),
        (("59172,", "62172,"), "Aucune commune"),
        (("10.5", "dix"), "« dix »"),
        (("10.5", "10.5,1"), "cellules au lieu de"),
    ],
)
def test_an_inventory_that_changed_is_refused(change: tuple[str, str], words: str) -> None:
    header = (
        "INSEE commune,Commune,Agriculture,Autres transports,Autres transports international,CO2 biomasse hors-total,"
        "Déchets,Energie,Industrie hors-énergie,Résidentiel,Routier,Tertiaire"
    )
    text = f"{header}\n59172,DENAIN,10.5,,,1,2,3,4,5,6,7\n"
    assert ges.decode([page(text.encode())], "59").num_rows == 1
    with pytest.raises(DecodeError, match=words):
        ges.decode([page(text.replace(*change).encode())], "59")
    with pytest.raises(DecodeError, match="deux fois"):
        ges.decode([page((text + text.split("\n")[1] + "\n").encode())], "59")


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_comes_back_as_written(value: float) -> None:
    assert number_of(repr(value), page(b""), "x") == float(repr(value))
    assert number_of(repr(value).replace(".", ","), page(b""), "x") == float(repr(value))


@settings(deadline=None)
@given(st.text(max_size=8))
def test_text_is_a_number_or_an_error_never_a_guess(text: str) -> None:
    try:
        value = number_of(text, page(b""), "x")
    except DecodeError:
        return
    assert (value is None) == (not text.strip())
    assert value is None or math.isfinite(value)
