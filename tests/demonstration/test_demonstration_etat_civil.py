"""Births and deaths of the 82 communes against other files of Insee: its comparateur (2020, and 2013 to 2017 summed),
its national tables of births, and the death rates of the Observatoire des territoires.

Not here: columns, types and order (test_demonstration_schema).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from tests.demonstration.reference import read

pytestmark = pytest.mark.shared
PERIOD = range(2013, 2018)  # « entre le 01/01/2013 et le 01/01/2018 »
PLACES = {"Nord": ("DEP", "59"), "Hauts-de-France": ("REG", "32"), "France métropolitaine": ("FRANCE", "FM")}
PLACES |= {"France": ("FRANCE", "F")}


def of_communes(rows):
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        if row["geo_niveau"] == "COM":
            found[row["geo_code"]][int(row["time_period"])] = int(row["value"])
    return found


@pytest.mark.parametrize(
    ("name", "year", "years"),
    [("insee__naissances", "NAISD20", "NAIS1318"), ("insee__deces", "DECESD20", "DECE1318")],
)
def test_the_comparateur_says_the_same(shared_data, table, compare, name, year, years):
    source = {r["CODGEO"]: r for r in read(shared_data / "rp/base_cc_comparateur_2022_dep59.CSV")}
    found, expected = {}, {}
    for code, values in of_communes(table(name)).items():
        found |= {(code, "2020"): Decimal(values[2020]), (code, "2013/2017"): Decimal(sum(values[y] for y in PERIOD))}
        expected |= {(code, "2020"): Decimal(source[code][year]), (code, "2013/2017"): Decimal(source[code][years])}
    compare(name, found, expected)


def test_births_above_the_communes_are_those_of_the_national_tables(shared_data, table, compare):
    path = shared_data / "social/etat_civil/naissances_vivantes_domicile_2012_2017_2022_dep59_region_france.csv"
    expected = {
        (*PLACES[r["territoire"]], r["annee"]): r["naissances_vivantes"]
        for r in read(path, ",")
        if r["territoire"] in PLACES and r["annee"] != "2012"
    }
    found = {
        (r["geo_niveau"], r["geo_code"], r["time_period"]): r["value"]
        for r in table("insee__naissances")
        if r["geo_niveau"] != "COM"
    }
    compare("insee__naissances above communes", found, expected)


def test_deaths_of_the_departement_are_the_sum_of_its_648_communes(shared_data, table):
    source = read(shared_data / "rp/base_cc_comparateur_2022_dep59.CSV")
    communes = [r for r in source if r["CODGEO"].startswith("59") and len(r["CODGEO"]) == 5]
    (row,) = (r for r in table("insee__deces") if r["geo_niveau"] == "DEP")
    assert (row["geo_code"], row["time_period"], len(communes)) == ("59", "2020", 648)
    assert Decimal(row["value"]) == sum(Decimal(r["DECESD20"]) for r in communes)


@pytest.mark.parametrize("siren", ["200042190", "245901160"])
def test_the_crude_death_rate_of_the_epci_is_the_published_one(shared_data, table, siren):
    """Deaths of 2013 to 2017 over the mean of the populations of 2013 and 2018, five years: per 1,000 inhabitants."""
    members = {r["code"] for r in table("geo__communes") if r["code_epci"] == siren}
    source = {r["CODGEO"]: r for r in read(shared_data / "rp/base_cc_comparateur_2022_dep59.CSV")}
    people = sum(Decimal(source[c]["P13_POP"]) + Decimal(source[c]["P18_POP"]) for c in members) / 2
    deaths = of_communes(table("insee__deces"))
    rate = 1000 * Decimal(sum(deaths[c][y] for c in members for y in PERIOD)) / people / 5
    published = {
        r["codgeo"]: Decimal(r["tx_morta"].replace(",", "."))
        for r in read(shared_data / "etat_civil/odt_taux_mortalite_1968_2018_epci.csv")
        if r["an"] == "2013-2018"
    }
    assert abs(rate - published[siren]) <= Decimal("0.05"), (rate, published[siren])
