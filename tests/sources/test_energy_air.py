"""Energy and air: Enedis, the former ORE series, biomethane, éCO2mix, Atmo inventories, LCSQA hours, SDES heat.

Real bytes where they exist, else the official header. Not here: the portal (test_energy_air_portal.py).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections import defaultdict
from pathlib import Path

import pytest

from flows.core.datasets import Page
from flows.core.errors import DecodeError, SourceContentError
from flows.portal.sets import lcsqa as served
from flows.sources import (
    atmo_emissions,
    enedis,
    lcsqa,
    odre_biomethane,
    odre_eco2mix,
    ore_departements,
    sdes,
)
from tests.sources_b.conftest import ROOT, FakeHttp, page

FIGURES = ROOT / "warehouse" / "demonstration"
NIGHT = dt.date(2026, 11, 20)
ENERGY = Path("data/territory/energie")


def counted(number: int) -> Page:
    return page({"total_count": number, "results": []}, "count")


def csv_of(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode()


def shared_rows(path: Path, delimiter: str = ";") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=delimiter))


# --- real bytes --------------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_the_export_of_enedis_is_read_to_the_last_figure(shared: Path) -> None:
    path = shared / "data/energy/enedis_production_commune_2015_2016_dep59.csv"
    raw = shared_rows(path)
    rows = enedis.decode([counted(240), page(path.read_bytes())], "59").to_pylist()
    assert len(rows) == len(raw) == 240 and {r["annee"] for r in rows} == {2016}
    known = {(r["Code commune"], r["Domaine de tension"]): r for r in raw}
    for row in rows:
        line = known[row["code_commune"], row["domaine_de_tension"]]
        assert [row[n] for n in enedis.FIGURES] == [float(line[h]) for h in enedis.FIGURES.values()]
    assert sum(r["nb_sites_cogeneration"] for r in rows) == 9


@pytest.mark.shared
def test_the_lines_of_the_region_make_its_published_totals(shared: Path) -> None:
    path = shared / ENERGY / "ore_conso_annuelle_departement_2011_2021_region32.csv"
    rows = ore_departements.decode([page(path.read_bytes())]).to_pylist()
    assert len(rows) == 380
    totals: dict[tuple[str, ...], float] = defaultdict(float)
    hidden: dict[tuple[str, ...], int] = defaultdict(int)
    for row in rows:
        for place in (("departement", row["code_departement"]), ("region", row["code_region"])):
            totals[(*place, str(row["annee"]), row["filiere"])] += row["consototale"]
            hidden[(*place, str(row["annee"]), row["filiere"])] += row["nombre_mailles_secretisees"]
    checked = 0
    for line in shared_rows(shared / ENERGY / "ore_conso_annuelle_totaux_2011_2021.csv"):
        key = (line["niveau"], line["code"], line["annee"], line["filiere"])
        if key in totals:
            checked += 1
            assert totals[key] == pytest.approx(float(line["total_mwh"]), abs=0.1), key
            assert hidden[key] == int(line["mailles_secretisees"]), key
    assert checked == 44


@pytest.mark.shared
def test_the_biomethane_sites_of_the_region_are_read(shared: Path) -> None:
    path = shared / ENERGY / "odre_sites_injection_biomethane_region32_2022.csv"
    rows = odre_biomethane.decode([counted(75), page(path.read_bytes())], "32").to_pylist()
    assert len(rows) == 75 and sum(r["code_dep"] == "59" for r in rows) == 9
    ours = {r["code_commune"]: (r["capacite_de_production_gwh_an"], str(r["date_de_mes"])) for r in rows}
    assert ours["59292"] == (11.1725, "2020-11-23") and ours["59610"] == (13.407, "2021-08-03")
    with pytest.raises(DecodeError, match="75 sites au lieu des 76"):
        odre_biomethane.decode([counted(76), page(path.read_bytes())], "32")


@pytest.mark.shared
def test_the_real_inventory_gives_the_five_sectors_of_a_region(shared: Path) -> None:
    body = (shared / "data/air/atmo_data_v2_inventaires_emissions_region.csv").read_bytes()
    rows = atmo_emissions.decode_regions([page(body)], "32").to_pylist()
    assert [r["code_pcaet"] for r in rows] == ["219", "34", "5", "6", "7"]
    assert {r["name"] for r in rows} == {"Hauts-de-France"} and {r["date_maj"] for r in rows} == {dt.date(2025, 1, 1)}
    road = next(r for r in rows if r["code_pcaet"] == "6")
    assert (road["pm25"], road["pm10"], road["nox"]) == (1875.540974, 2634.829626, 40159.35736)
    assert road["ges"] == 12431699.74
    # A code that lost its zero on the way is still Martinique, and never taken for another region.
    assert {r["code"] for r in atmo_emissions.decode_regions([page(body)], "02").to_pylist()} == {"2"}
    with pytest.raises(DecodeError, match="La région 99"):
        atmo_emissions.decode_regions([page(body)], "99")


@pytest.mark.shared
def test_the_header_and_lines_of_a_real_hourly_file(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = (shared / "data/air/lcsqa_e2_header_excerpt.csv").read_bytes()
    assert tuple(body.decode("utf-8-sig").splitlines()[0].split(";")) == lcsqa.COLUMNS == tuple(served.HEADER)
    real = page(body.replace(b";NO;", b";PM2.5;"), "jour-2021-10-22")
    monkeypatch.setattr(lcsqa, "STATIONS", {"57": {"FR01011": "57463"}})
    (row,) = lcsqa.decode([real], "57").to_pylist()
    assert (row["n_heures"], row["n_valides"], row["somme_ug_m3"], row["maximum_ug_m3"]) == (2, 2, 1.9, 1.1)
    with pytest.raises(DecodeError, match="PM2,5"):
        lcsqa.decode([page(body, "jour-2021-10-22")], "57")


@pytest.mark.shared
def test_the_stations_are_those_of_the_list(shared: Path) -> None:
    listed = shared_rows(shared / "data/territory/air/lcsqa_stations_valenciennois.csv", ",")
    assert {r["code_station"] for r in listed} == set(lcsqa.STATIONS["59"])
    assert {r["code_station"]: r["nom"] for r in listed} == {c: s[0] for c, s in served._STATIONS.items()}


@pytest.mark.shared
def test_days_of_real_quarter_hours(shared: Path) -> None:
    known = json.loads((shared / "data/api/odre_eco2mix_regional_tr_records_excerpt.json").read_bytes())["results"]
    assert set(odre_eco2mix.POWERS) <= set(known[0]) and known[0]["pompage"] == "0"
    sums = {f"somme_{n}": sum(r[n] for r in known) for n in odre_eco2mix.POWERS}
    group = {"code_insee_region": "32", "date": known[0]["date"], "n_lignes": 2, "n_connues": 2, **sums}
    (row,) = odre_eco2mix.decode([counted(2), page([group], "export")], "32").to_pylist()
    assert row["date"] == dt.date(2026, 8, 27) and row["somme_consommation"] == 5100 + 5026


@pytest.mark.shared
def test_the_secret_of_dido_is_kept_as_written(shared: Path) -> None:
    secret = (shared / "data/api/dido_csv_secret_sample.csv").read_text("utf-8")
    assert f'"{sdes.SECRET}"' in secret
    catalogue = json.loads((shared / "data/api/dido_datasets_fixture_anonymised_ids.json").read_bytes())
    listed = page(catalogue)
    with pytest.raises(SourceContentError, match="Parc véhicules"):  # the fixture has other datasets
        sdes.datafile(FakeHttp({f"{sdes.BASE}/datasets": listed.body}))
    assert sdes.vintage(catalogue["data"][0]["datafiles"][0], listed)["millesime"] == "2021-11"


# --- changed answers ---------------------------------------------------------------------------------------------

PV = ["2016", "Denain", "59172", "200042190", "59", "BT <= 36 kVA", *["0.0"] * 12]
PV_HEAD = ["Année", *enedis._TEXTS.values(), *enedis.FIGURES.values()]


def pv(*lines: list[str], head: list[str] = PV_HEAD) -> list[Page]:
    order = {"Nom commune": 1, "Code commune": 2, "Code EPCI": 3, "Code département": 4, "Domaine de tension": 5}
    places = [0, *(order[name] for name in enedis._TEXTS.values()), *range(6, 18)]
    body = csv_of(";".join(head), *(";".join(line[i] for i in places) for line in lines))
    return [counted(len(lines)), page(body)]


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        (pv(PV, head=[h.replace("Eolien", "Éolien") for h in PV_HEAD]), "Nb sites Eolien Enedis"),
        (pv(PV, PV), "deux fois"),
        (pv(["hier", *PV[1:]]), "hier"),
        (pv([*PV[:-1], "secret"]), "secret"),
        (pv([*PV[:4], "62", *PV[5:]]), "Aucune commune du département 59"),
        ([counted(2), pv(PV)[1]], "1 lignes au lieu des 2"),
    ],
)
def test_a_production_export_that_changed_is_refused(pages: list[Page], words: str) -> None:
    assert enedis.decode(pv([*PV[:-1], ""]), "59").to_pylist()[0]["mwh_autres"] is None
    with pytest.raises(DecodeError, match=words):
        enedis.decode(pages, "59")


def former(**changes: str) -> bytes:
    cells = {name: "0" for name in (*ore_departements._CELLS, *ore_departements._FIGURES)}
    cells |= {"annee": "2016", "operateur": "GRDF", "filiere": "Gaz", "code_departement": "59", "code_region": "32"}
    cells |= {"consoi": "2.5", "consototale": "2.5"} | changes
    return csv_of(";".join(cells), ";".join(cells.values()))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (former(consototale="9.5"), "Les secteurs font 2.50"),
        (former(annee="2016-T1"), "2016-T1"),
        (former(consoi="s"), "« s »"),
        (former().replace(b"consona", b"conso_na"), "consona"),
        (former() + former().split(b"\r\n")[1] + b"\r\n", "deux fois"),
        (csv_of(former().decode().split("\r\n")[0]), "Il manque"),
    ],
)
def test_a_former_series_that_changed_is_refused(body: bytes, words: str) -> None:
    assert ore_departements.decode([page(former())]).num_rows == 1
    with pytest.raises(DecodeError, match=words):
        ore_departements.decode([page(body)])


INVENTORY = "aasqa,date_maj,superficie,population,pm25,pm10,nox,ges,code_pcaet,code,name"
SECTORS = [f"32,2025/01/01 00:12:03.048+01,1,1,1,2,3,4,{s},32,Hauts-de-France" for s in atmo_emissions.SECTORS]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([INVENTORY, *SECTORS[:4]], "au lieu des cinq"),
        ([INVENTORY, *SECTORS, SECTORS[0]], "au lieu des cinq"),
        ([INVENTORY, *SECTORS[:4], SECTORS[4].replace(",219,", ",2,")], "« 2 »"),
        ([INVENTORY.replace("ges", "ges_t"), *SECTORS], "ges"),
        ([INVENTORY, *(s.replace("2025/01/01", "hier") for s in SECTORS)], "hier"),
    ],
)
def test_a_regional_inventory_that_changed_is_refused(lines: list[str], words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        atmo_emissions.decode_regions([page("\n".join(lines).encode())], "32")


def collection(*codes: str, matched: int | None = None) -> Page:
    wire = {"name": "CA", "ges": 1.0, "nox": 2.0, "pm10": 3.0, "pm25": 4.0, "date_maj": "2025-01-01T00:00:00Z"}
    found = [
        {"type": "Feature", "properties": {"code": code, "code_pcaet": int(s), **wire}}
        for code in codes
        for s in atmo_emissions.SECTORS
    ]
    due = len(found) if matched is None else matched
    return page({"type": "FeatureCollection", "features": found, "numberMatched": due})


def test_an_epci_inventory_is_whole_or_refused() -> None:
    rows = atmo_emissions.decode_epci([collection("200042190")], ("200042190", "245901160")).to_pylist()
    assert len(rows) == 5 and rows[0]["ges"] == 1.0 and rows[0]["date_maj"] == dt.date(2025, 1, 1)
    assert atmo_emissions.decode_epci([collection()], ("200042190",)).num_rows == 0
    with pytest.raises(DecodeError, match="n'a pas été demandé"):
        atmo_emissions.decode_epci([collection("200042190", "249730045")], ("200042190",))
    with pytest.raises(DecodeError, match="5 objets reçus au lieu des 9"):
        atmo_emissions.decode_epci([collection("200042190", matched=9)], ("200042190",))


HEAT = '"ANNEE";"COMMUNE_CODE";"COMMUNE_LIBELLE";"LIVRAISON_MWH";"NB_RESEAUX"\n'


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('"2024";"62041";"Arras";1.2;"1"', "62041"),
        ('"2024";"59172";"Denain";"confidentiel";"1"', "confidentiel"),
        ('"24";"59172";"Denain";1.2;"1"', "« 24 »"),
        ('"2024";"59172";"Denain";1.2;"1"\n"2024";"59172";"Denain";1.3;"1"', "deux fois"),
        ("", "Il manque"),
    ],
)
def test_a_heat_file_that_changed_is_refused(line: str, words: str) -> None:
    ok = sdes.decode([page((HEAT + '"2024";"59172";"Denain";"secret";"secret"\n').encode())], "59").to_pylist()
    assert (ok[0]["livraison_brute"], ok[0]["nb_reseaux"]) == ("secret", None)
    with pytest.raises(DecodeError, match=words):
        sdes.decode([page((HEAT + line + "\n" if line else HEAT).encode())], "59")


def test_days_that_do_not_add_up_are_refused() -> None:
    group = {"code_insee_region": "32", "date": "2026-11-01", "n_lignes": 96, "n_connues": 96}
    with pytest.raises(SourceContentError, match="96 lignes au lieu des 97"):
        odre_eco2mix.decode([counted(97), page([group], "export")], "32")
    with pytest.raises(DecodeError, match="192 lignes"):
        odre_eco2mix.decode([counted(192), page([group | {"n_lignes": 192}], "export")], "32")
    with pytest.raises(DecodeError, match="n'a pas été demandée"):
        odre_eco2mix.decode([counted(96), page([group | {"code_insee_region": "44"}], "export")], "32")
