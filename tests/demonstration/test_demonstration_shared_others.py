"""Every figure of the demonstration against the reference files, by another path (here: energy to gases).

Where a second file states the same figure, that one is read (original workbooks, comparateur, total rows); what no
second file states is read in the source again. Each test builds the whole expected content of a table, so that a
missing figure, an added one and a changed one all show. Not here: the released figures (tests/officiel).
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from tests.demonstration.reference import Figures, number, read

pytestmark = pytest.mark.shared


def test_energy_totals(shared_data, table, members, compare):
    expected: Figures = {}
    for r in read(shared_data / "energy/ore_conso_commune_2024_rouages_derived.csv", ","):
        if r["code_commune"] in members:
            key = (r["code_commune"], r["filiere"])
            expected[(*key, "total")] = number(r["conso_totale_mwh"])
            expected[(*key, "dwellings")] = number(r["conso_residentiel_mwh"])
            expected[(*key, "sites")] = number(r["nb_sites_residentiel"])
            expected[(*key, "secret")] = number(r["mailles_secretisees"])
            expected[(*key, "operators")] = set(r["operateurs"].split("|"))
    found: Figures = defaultdict(Decimal)
    operators: Figures = defaultdict(set)
    for r in table("ore__consommation"):
        key = (r["code_commune"], r["filiere"])
        found[(*key, "total")] += number(r["conso_totale_mwh"]) or 0
        found[(*key, "secret")] += int(r["nombre_de_mailles_secretisees"])
        operators[(*key, "operators")] |= set(r["operateur"].split("|"))
        if r["code_grand_secteur"] == "RESIDENTIEL":
            found[(*key, "dwellings")] += number(r["conso_totale_mwh"])
            found[(*key, "sites")] += int(r["nb_sites"])
    compare("ore__consommation", dict(found) | operators, expected)


def test_register(shared_data, table, members, compare):
    expected, found = {}, {}
    for r in read(shared_data / "energy/odre_production_commune_20260731_rouages_derived.csv", ","):
        if r["code_commune"] in members:
            key = (r["code_commune"], r["filiere"])
            expected[(*key, "n")] = number(r["nb_installations"])
            expected[(*key, "kW")] = number(r["puissance_kw"])
            expected[(*key, "MWh")] = number(r["injection_12_mois_mwh"])
            expected[(*key, "status")] = r["statut_energie"]
    for r in table("odre__registre"):
        key = (r["codeinseecommune"], r["filiere"])
        energy = number(r["energie_injectee_kwh"])
        known, lines = int(r["n_avec_energie"]), int(r["n_lignes"])
        found[(*key, "n")] = number(r["nb_installations"])
        found[(*key, "kW")] = number(r["puissance_kw"])
        found[(*key, "MWh")] = None if energy is None else energy / 1000
        found[(*key, "status")] = "inconnu" if known == 0 else "connu" if known == lines else "partiel"
    compare("odre__registre", found, expected)


def test_labels(shared_data, table, members, compare):
    rows = {
        r["code"]: r
        for r in read(shared_data / "energy/ademe_dpe_etiquettes_commune_20260630_rouages_derived.csv", ",")
    }
    expected = {
        (c, label): int(rows[c][f"nb_{label}"])
        for c in members
        for label in "ABCDEFG"
        if rows[c][f"nb_{label}"] != "0"
    }
    found = {(r["code_insee_ban"], r["etiquette_dpe"]): int(r["nombre"]) for r in table("ademe_dpe__etiquettes")}
    compare("ademe_dpe__etiquettes", found, expected)
    totals = Counter()
    for (code, _), count in found.items():
        totals[code] += count
    assert totals == {c: int(rows[c]["nb_total"]) for c in members}  # the source's own totals
    assert sum(totals.values()) < int(rows["D59"]["nb_total"])


def test_accessibility(shared_data, table, members, compare):
    """Total populations of 2022 and 2023 against the publisher's own workbooks for dentists."""
    expected: Figures = {}
    for r in read(shared_data / "health/drees_apl_generalistes_2022_2024_rouages_derived.csv", ","):
        if r["code"] in members:
            expected[(r["code"], r["annee"], "apl")] = number(r["apl_generalistes"])
            expected[(r["code"], r["annee"], "apl_65")] = number(r["apl_generalistes_65_ans_et_moins"])
    for year in (2022, 2023):
        path = shared_data / f"territory/sante/drees_apl_chirurgiens_dentistes_{year}_dep59.csv"
        with path.open(encoding="utf-8-sig", newline="") as stream:
            cells = list(csv.reader(stream, delimiter=";"))
        for row in cells:
            if row[0] in members:
                expected[(row[0], str(year), "population_totale")] = number(row[4])
    for r in read(shared_data / "rp/population_municipale_2013_2023_dep59.csv"):
        if r["codgeo"] in members:
            expected[(r["codgeo"], "2024", "population_totale")] = number(r["p22_pop"])
    found = {
        (r["code_commune"], r["annee"], c): number(r[c])
        for r in table("drees__apl_generalistes")
        for c in ("apl", "apl_65", "population_totale")
    }
    compare("drees__apl_generalistes", found, expected)
    assert not any(r["population_standardisee"] for r in table("drees__apl_generalistes"))


def test_land(shared_data, table, members, compare):
    """Flows one by one, and their sums against the totals that the source prints beside them (rounding: 0.08 ha)."""
    rows = {
        r["code_commune"]: r
        for r in read(shared_data / "land/cerema_conso_enaf_commune_2011_2025_rouages_derived.csv", ",")
    }
    expected = {(c, str(y)): number(rows[c][f"conso_ha_{y}"]) for c in members for y in range(2011, 2025)}
    found = {(r["idcom"], r["annee"]): number(r["naf_m2"]) / 10_000 for r in table("cerema__consommation_enaf")}
    compare("cerema__consommation_enaf", found, expected)
    for code in members:
        for first, last, column in ((2011, 2024, "total_2011_2025_ha"), (2021, 2024, "total_2021_2025_ha")):
            flows = sum(found[(code, str(y))] for y in range(first, last + 1))
            assert abs(flows - number(rows[code][column])) <= Decimal("0.08"), (code, column)
    for r in table("cerema__consommation_enaf"):
        assert number(r["surfcom_m2"]) / 10_000 == number(rows[r["idcom"]]["surface_commune_ha"])
        assert r["epci25"] == members[r["idcom"]]["epci_siren"]


def test_charge_points(shared_data, table, members, compare):
    expected, stations, points, fast = {}, defaultdict(set), Counter(), Counter()
    for r in read(shared_data / "mobility/irve_bnlc_commune_202610_rouages_derived.csv", ","):
        if r["code_commune"] in members:
            expected[(r["code_commune"],)] = tuple(
                int(r[c]) for c in ("nb_stations", "nb_pdc", "nb_pdc_50kw_et_plus")
            )
    for r in table("irve__points"):
        code = r["code_insee_commune"]
        stations[code].add(r["id_station_itinerance"])
        points[code] += 1
        fast[code] += float(r["puissance_nominale"]) >= 50
    found = {(c,): (len(stations[c]), points[c], fast[c]) for c in points}
    compare("irve__points", found, expected)


def test_greenhouse_gases(shared_data, table, members, compare):
    columns = {  # ours → the official title
        "agriculture": "Agriculture",
        "autres_transports": "Autres transports",
        "autres_transports_international": "Autres transports international",
        "co2_biomasse_hors_total": "CO2 biomasse hors-total",
        "dechets": "Déchets",
        "energie": "Energie",
        "industrie_hors_energie": "Industrie hors-énergie",
        "residentiel": "Résidentiel",
        "routier": "Routier",
        "tertiaire": "Tertiaire",
    }
    source = read(shared_data / "air/citepa_igt_2016_ges_communes_caph_cavm.csv", ",")
    expected = {
        (r["INSEE commune"], ours): number(r[title])
        for r in source
        if r["INSEE commune"] in members
        for ours, title in columns.items()
    }
    found = {(r["insee_commune"], c): number(r[c]) for r in table("ges__inventaire_communal") for c in columns}
    compare("ges__inventaire_communal", found, expected)
