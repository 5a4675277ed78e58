"""The demonstration tables alone: columns, keys, types, codes, secrecy, territory, sources. Needs nothing else."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from flows.portal.figures import specs
from flows.portal.melodi_catalogue import datasets
from tests.demonstration.carry.contract import contracts
from tests.demonstration.carry.reading import as_csv

CAPH, CAVM = "200042190", "245901160"
PARTIAL = {"irve__points", "odre__registre"} | {n for n, c in contracts().items() if c.partial}
MAY_BE_EMPTY = {  # figures that the source does not give for every row
    "drees__apl_generalistes": {"population_standardisee"},
    "irve__points": {"date_mise_en_service"},
    "odre__registre": {"energie_injectee_kwh"},
    "ore__consommation": {"nb_sites", "conso_totale_mwh", "code_categorie_consommation"},
    "insee__filosofi": {"value", "obs_status"},
    "insee__filosofi_fichiers": {"valeur_brute"},
    "insee__comparateur": {"valeur_brute"},
    "ges__inventaire_communal": {"agriculture", "autres_transports", "autres_transports_international", "dechets"}
    | {"co2_biomasse_hors_total", "energie", "industrie_hors_energie", "residentiel", "routier", "tertiaire"},
}
NAMES = sorted(contracts())
# The air indices are drawn day by day by the portal, the other simulated tables by their declaration.
SIMULATED = {"atmo__indices"} | {name for name, spec in specs().items() if spec.simulate is not None}


@pytest.fixture(scope="module")
def communes(table) -> dict[str, str]:
    """Code → SIREN of its EPCI."""
    return {row["code"]: row["code_epci"] for row in table("geo__communes")}


def of_communes(name, rows):
    niveau = contracts()[name].niveau
    return [row for row in rows if not niveau or row[niveau] == contracts()[name].commune]


def test_every_table_and_nothing_else_is_there(folder: Path):
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        [*(f"{n}.csv" for n in NAMES), "README.md", "sources.csv"]
    )
    assert sum(p.stat().st_size for p in folder.iterdir()) < 3_000_000


@pytest.mark.parametrize("name", NAMES)
def test_bytes_are_canonical_and_keys_unique(folder: Path, table, name):
    content = (folder / f"{name}.csv").read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf") and b"\r" not in content
    assert content == as_csv(name, table(name))  # columns, order, quoting; raises when a key comes twice


@pytest.mark.parametrize("name", NAMES)
def test_cells_have_their_type_and_no_figure_is_negative(table, name):
    optional = MAY_BE_EMPTY.get(name, set()) | set(contracts()[name].optional)
    for row in table(name):
        for column, kind in contracts()[name].columns.items():
            cell = row[column]
            assert cell == cell.strip()
            if not cell:
                assert column in optional, (row, column)
            elif kind == "int":
                assert re.fullmatch(r"\d+", cell), (row, column)
            elif kind == "double":
                assert re.fullmatch(r"\d+(\.\d+)?", cell), (row, column)
            elif kind == "date":
                dt.date.fromisoformat(cell)


@pytest.mark.parametrize("name", [n for n in NAMES if contracts()[n].communes])
def test_commune_codes_are_the_82_as_text_of_five(table, communes, name):
    found = {row[contracts()[name].communes] for row in of_communes(name, table(name))}
    assert all(re.fullmatch(r"\d{5}", code) for code in found)
    if name in PARTIAL:
        assert found < set(communes)
    else:
        assert found == set(communes)


def test_communes_are_47_and_35(communes):
    assert Counter(communes.values()) == {CAPH: 47, CAVM: 35}
    assert communes["59192"] == CAPH  # Émerchicourt, member since 2024


def test_each_year_of_a_series_covers_the_82_communes(table, communes):
    years = {"cerema__consommation_enaf": ("annee", 14), "drees__apl_generalistes": ("annee", 3)}
    for name, (column, count) in years.items():
        per_year = Counter(row[column] for row in table(name))
        assert len(per_year) == count and set(per_year.values()) == {82}
    filosofi = Counter((r["annee"], r["mesure"]) for r in table("insee__filosofi_fichiers") if r["niveau"] == "COM")
    assert set(filosofi.values()) == {82}
    assert {y for y, m in filosofi if m == "MED"} == {"2012", "2014", "2015", "2019", "2020", "2023"}
    assert {y for y, m in filosofi if m == "TP60"} == {"2012", "2019", "2020", "2023"}
    people = Counter(r["time_period"] for r in table("insee__populations") if r["geo_niveau"] == "COM")
    assert people == {str(y): 82 for y in range(2013, 2024)} | {"2021": 246}


def test_secret_is_not_zero_in_filosofi(table):
    for row in table("insee__filosofi"):
        assert (row["conf_status"] == "C") == (row["value"] == "")
        assert row["value"] == "" or Decimal(row["value"]) > 0
    secret = [r for r in table("insee__filosofi") if r["conf_status"] == "C"]
    assert len(secret) == 42 and {r["measure"] for r in secret} == {"PR_MD60"}
    for row in table("insee__filosofi_fichiers"):
        assert re.fullmatch(r"s||\d+([.,]\d+)?", row["valeur_brute"])
        assert row["valeur_brute"] in ("s", "") or Decimal(row["valeur_brute"].replace(",", ".")) > 0
        assert row["mesure"] == "TP60" or row["valeur_brute"] not in ("s", "")


def test_secret_is_not_zero_in_energy(table):
    for row in table("ore__consommation"):
        secret = int(row["nombre_de_mailles_secretisees"])
        assert (secret > 0) == (row["conso_totale_mwh"] == "")
        assert secret or Decimal(row["conso_totale_mwh"]) > 0
    for row in table("odre__registre"):
        known, lines = int(row["n_avec_energie"]), int(row["n_lignes"])
        assert 0 <= known <= lines >= 1
        assert (known == 0) == (row["energie_injectee_kwh"] == "")


def test_the_gas_of_the_bouchain_power_station_can_be_set_apart(table):
    rows = [r for r in table("ore__consommation") if r["code_commune"] == "59092" and r["filiere"] == "Gaz"]
    assert sum(Decimal(r["conso_totale_mwh"]) for r in rows) == Decimal(1_092_740)
    (station,) = [r for r in rows if "NaTran" in r["operateur"]]
    assert station["code_grand_secteur"] == "INCONNU" and Decimal(station["conso_totale_mwh"]) > 1_000_000


def test_transport_operators_never_serve_dwellings(table):
    for row in table("ore__consommation"):
        if row["code_grand_secteur"] == "RESIDENTIEL":
            assert not {"RTE", "NaTran"} & set(row["operateur"].split("|"))
            assert row["code_categorie_consommation"] == "RES" and int(row["nb_sites"]) > 0


def test_charge_points_are_recognisable_as_rebuilt(table):
    rows = table("irve__points")
    assert all(r["id_pdc_itinerance"].startswith(f"DEMO{r['code_insee_commune']}S") for r in rows)
    assert all(r["id_pdc_itinerance"].startswith(r["id_station_itinerance"] + "P") for r in rows)
    assert {r["puissance_nominale"] for r in rows} == {"22", "50"}


def test_sources_say_publisher_licence_vintage_and_nature_of_every_table(folder: Path):
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [r["table"] for r in rows] == sorted([*NAMES, *SIMULATED])
    assert all(r[c].strip() for r in rows for c in rows[0])
    natures = {r["table"]: r["nature"] for r in rows}
    assert {n for n, kind in natures.items() if kind == "simule"} == SIMULATED
    assert set(natures.values()) <= {"reel", "reel_reconstitue", "simule"}


def test_columns_and_types_are_those_the_sources_decode_to():
    from flows.core.datasets import Territory
    from flows.sources import registry

    place = Territory(CAPH, "", (CAVM,), "59", "32", "596", "3222", ())
    kinds = {"string": "text", "int64": "int", "double": "double", "date32[day]": "date"}
    declared = {d.table_name: d.schema for d in registry(place).values()}
    for name in NAMES:
        assert {f.name: kinds[str(f.type)] for f in declared[name]} == contracts()[name].columns, name
    # A simulated table that stands beside a real one is no dataset of its own.
    beside = {name for dataset in datasets().values() for name in dataset.more}
    typed = {n for n in declared if n.startswith(("referentiel__", "saisies__"))}  # stewards' tables and deposits
    assert set(declared) - set(NAMES) - typed == SIMULATED - beside
