"""Every figure of the demonstration against the reference files, by another path (here: territory and Insee).

Where a second file states the same figure, that one is read (original workbooks, comparateur, total rows); what no
second file states is read in the source again. Each test builds the whole expected content of a table, so that a
missing figure, an added one and a changed one all show. Not here: the released figures (tests/officiel).
"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from shapely.geometry import shape

from tests.demonstration.carry.reading import as_csv
from tests.demonstration.carry.tables import CARRIERS
from tests.demonstration.reference import Figures, number, read, workbook
from tests.officiel.counts import COMPARED

pytestmark = pytest.mark.shared


@pytest.mark.parametrize("name", sorted(CARRIERS))
def test_carrying_over_gives_these_very_bytes(shared_data, folder, name):
    assert as_csv(name, CARRIERS[name](shared_data)) == (folder / f"{name}.csv").read_bytes()


def test_communes(shared_data, table, members, compare):
    names = {r["COM"]: r for r in read(shared_data / "geo/cog_communes_2024_dep59.csv", ",") if r["TYPECOM"] == "COM"}
    legal = {r["insee"]: r for r in read(shared_data / "geo/dgcl_epcicom2024_caph_cavm.csv")}
    sizes = {r["CODGEO"]: r for r in read(shared_data / "rp/base_cc_comparateur_2022_dep59.CSV")}
    people = {r["COM"]: r for r in read(shared_data / "geo/populations_legales_donnees_communes_dep59.csv")}
    expected = {}
    for code, row in members.items():
        facts = {
            "nom": names[code]["LIBELLE"],
            "siren": legal[code]["siren_membre"],
            "code_epci": row["epci_siren"],
            "code_departement": names[code]["DEP"],
            "code_region": names[code]["REG"],
            "population": Decimal(people[code]["PMUN"]),
            "surface": Decimal(sizes[code]["SUPERF"]) * 100,
        }
        expected |= {(code, column): value for column, value in facts.items()}
    found = {
        (row["code"], column): Decimal(row[column]) if column in ("population", "surface") else row[column]
        for row in table("geo__communes")
        for column in row
        if column not in ("code", "lon", "lat")
    }
    compare("geo__communes", found, expected)


def test_contours_stay_within_the_rounding(shared_data, table, record_property):
    features = json.loads((shared_data / "geo/contours_communes_caph_cavm.geojson").read_text(encoding="utf-8"))[
        "features"
    ]
    source = {f["properties"]["code"]: shape(f["geometry"]) for f in features}
    for row in table("geo__contours"):
        drawn = shape(json.loads(row["geometry"]))
        assert drawn.hausdorff_distance(source[row["code"]]) < 0.0002, row["nom"]  # degrees
        assert drawn.symmetric_difference(source[row["code"]]).area < 0.02 * drawn.area, row["nom"]
    assert len(source) == len(table("geo__contours"))
    record_property(COMPARED, ("demonstration tables", "geo__contours", len(source), ""))


def test_filosofi_2021(shared_data, table, members, compare):
    source = {r["CODGEO"]: r for r in read(shared_data / "filosofi/cc_filosofi_2021_COM_dep59.csv")}
    expected = {(c, "MED_SL"): number(source[c]["MED21"]) for c in members}
    expected |= {(c, "PR_MD60"): number(source[c]["TP6021"]) for c in members}
    found = {(r["geo_code"], r["measure"]): number(r["value"]) for r in table("insee__filosofi")}
    compare("insee__filosofi", found, expected)


def test_filosofi_files(shared_data, table, members, compare):
    """2019 against the comparateur, which repeats both figures of every commune."""
    expected: Figures = {}

    def put(niveau: str, code: str, year: int, measure: str, text: str) -> None:
        expected[(niveau, code, str(year), measure)] = number(text)

    files = {2012: "base-cc-filosofi-2012", 2020: "cc_filosofi_2020"}
    for year, name in files.items():
        for r in read(shared_data / f"filosofi/{name}_COM_dep59.csv"):
            if r["CODGEO"] in members:
                put("COM", r["CODGEO"], year, "MED", r[f"MED{year % 100}"])
                put("COM", r["CODGEO"], year, "TP60", r[f"TP60{year % 100}"])
    for year in (2014, 2015):
        for r in read(shared_data / f"filosofi/FILO{year}_DISP_COM_dep59.csv"):
            if r["CODGEO"] in members:
                put("COM", r["CODGEO"], year, "MED", r[f"Q2{year % 100}"])
    for r in read(shared_data / "rp/base_cc_comparateur_2022_dep59.CSV"):
        if r["CODGEO"] in members:
            put("COM", r["CODGEO"], 2019, "MED", r["MED19"])
            put("COM", r["CODGEO"], 2019, "TP60", r["TP6019"])
    for year in range(2014, 2020):
        for niveau, name in (
            ("EPCI", "EPCI_caph_cavm"),
            ("DEP", "DEP59"),
            ("REG", "REG32"),
            ("METROPOLE", "METROPOLE"),
        ):
            for r in read(shared_data / f"filosofi/FILO{year}_DISP_{name}.csv"):
                put(niveau, r["CODGEO"], year, "MED", r[f"Q2{year % 100}"])
    for niveau, name, code in (("DEP", "dpt", "59"), ("REG", "reg2016", "32")):
        for r in read(shared_data / f"filosofi/khartis_fr-{name}-pauvrete-2013.csv", ","):
            if r["Code géographique"] == code:
                put(niveau, code, 2013, "MED", list(r.values())[-4])
                put(niveau, code, 2013, "TP60", list(r.values())[5])
    for r in read(shared_data / "social/filosofi/filosofi2023_mediane_pauvrete_derive.csv", ","):
        niveau, code = {"D59": ("DEP", "59"), "METRO": ("METROPOLE", "1")}.get(
            r["territoire"], ("COM", r["territoire"])
        )
        put(niveau, code, 2023, "MED", r["niveau_vie_median_eur"])
        put(niveau, code, 2023, "TP60", r["taux_pauvrete_60_pct"])
    found = {
        (r["niveau"], r["codgeo"], r["annee"], r["mesure"]): number(r["valeur_brute"])
        for r in table("insee__filosofi_fichiers")
    }
    compare("insee__filosofi_fichiers", found, expected)


def test_references_of_2014_agree_with_another_publisher(shared_data, table):
    """The ANCT's barometer prints the same medians of 2014, rounded to the euro."""
    barometer = {
        r["niveau"]: number(r["valeur"])
        for r in read(shared_data / "territory/epci_indicateurs/anct_barometre_cohesion_2018.csv")
        if r["id"] == "1_1" and r["annee"] == "2014"
    }
    ours = {
        r["niveau"]: number(r["valeur_brute"])
        for r in table("insee__filosofi_fichiers")
        if r["annee"] == "2014" and r["niveau"] in ("REG", "METROPOLE")
    }
    assert round(ours["REG"]) == barometer["region"]
    assert round(ours["METROPOLE"]) == barometer["france"]


def test_populations(shared_data, table, members, compare):
    """Département: the sums of its 648 communes, which the ministry's figures must equal."""
    series = read(shared_data / "rp/population_municipale_2013_2023_dep59.csv")
    legal = {r["COM"]: r for r in read(shared_data / "geo/populations_legales_donnees_communes_dep59.csv")}
    expected: Figures = {}
    for year in range(2013, 2024):
        column = f"p{year % 100}_pop"
        expected |= {
            ("COM", r["codgeo"], str(year), "PMUN"): number(r[column]) for r in series if r["codgeo"] in members
        }
        if 2016 <= year <= 2022:
            expected[("DEP", "59", str(year), "PMUN")] = sum(number(r[column]) for r in series)
    for code in members:
        for measure in ("PMUN", "PCAP", "PTOT"):  # PMUN of 2021 now from the legal file
            expected[("COM", code, "2021", measure)] = number(legal[code][measure])
        assert number(legal[code]["PMUN"]) + number(legal[code]["PCAP"]) == number(legal[code]["PTOT"])
    for r in read(shared_data / "social/delinquance/ssmsi_donnee-reg-2023_reg32.csv"):
        expected[("REG", "32", f"20{r['millPOP']}", "PMUN")] = number(r["POP"])
    found = {
        (r["geo_niveau"], r["geo_code"], r["time_period"], r["measure"]): number(r["value"])
        for r in table("insee__populations")
    }
    compare("insee__populations", found, expected)


def test_unemployment_of_zones_against_the_original_workbook(shared_data, table, compare):
    sheet = workbook(shared_data / "emploi_chomage/RAW_chomage-zone-t1-2003-t3-2023.xlsx", "txcho_ze")
    periods = sheet[5][4:]
    expected = {
        (row[0], row[1], row[2], period): Decimal(str(value))
        for row in sheet[6:]
        if row[2] == "32"
        for period, value in zip(periods, row[4:], strict=True)
    }
    found = {
        (r["ze2020"], r["libze2020"], r["reg"], r["periode"]): number(r["taux"]) for r in table("insee__chomage_ze")
    }
    compare("insee__chomage_ze", found, expected)
    assert len({key[0] for key in found}) == 22


def test_unemployment_of_departements_against_the_original_workbook(shared_data, table, compare):
    sheet = workbook(shared_data / "emploi_chomage/RAW_sl_etc_2025T3.xls", "Département")
    periods = [f"{title[3:]}-{title[:2]}" for title in sheet[3][2:]]
    expected = {}
    for row in sheet[4:]:
        code = row[0] if isinstance(row[0], str) else f"{int(row[0]):02d}"
        if code in ("02", "59", "60", "62", "80"):
            expected |= {(code, row[1], p): Decimal(str(v)) for p, v in zip(periods, row[2:], strict=True) if v != ""}
    found = {(r["code"], r["libelle"], r["periode"]): number(r["taux"]) for r in table("insee__chomage_departement")}
    compare("insee__chomage_departement", found, expected)
    assert not any("FRANCE" in str(row[1]).upper() for row in sheet[4:104])  # what sources.csv says


def test_comparateur(shared_data, table, members, compare):
    names = {"P18_LOG", "P18_LOGVAC", "P18_RP", "P18_POP", "SUPERF", "MED19", "TP6019"}
    names |= {"P18_EMPLT", "P18_ACT1564", "P18_CHOM1564"}
    source = read(shared_data / "rp/base_cc_comparateur_2022_dep59.CSV")
    expected = {(r["CODGEO"], n): r[n] for r in source if r["CODGEO"] in members for n in names}
    found = {(r["codgeo"], r["variable"]): r["valeur_brute"] for r in table("insee__comparateur")}
    compare("insee__comparateur", found, expected)
