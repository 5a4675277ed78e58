"""Insee tables: Filosofi (2021 as Melodi answers, other vintages as files), populations, unemployment, comparateur.

Not here: any estimate. A level or a year without a real figure has no row; a suppressed figure keeps its marker
(`s`, or an empty text where the source leaves the cell empty).
"""

from __future__ import annotations

from pathlib import Path

from tests.demonstration.carry.geography import members
from tests.demonstration.carry.reading import CarryError, Row, indexed, rows

COG = "2025"  # Melodi re-publishes every dataset on the current commune codes
MEASURES_2021 = {"MED_SL": "MED21", "PR_MD60": "TP6021"}
VARIABLES = ("P18_LOG", "P18_LOGVAC", "P18_RP", "P18_POP", "SUPERF", "MED19", "TP6019")
VARIABLES += ("P18_EMPLT", "P18_ACT1564", "P18_CHOM1564")
# The communes of the DISP files start in 2014; no commune file is known for 2016, 2017 and 2018.
DISP_YEARS = {"COM": (2014, 2015, 2019), "EPCI": range(2014, 2020), "DEP": range(2014, 2020)}
DISP_YEARS |= {"REG": range(2014, 2020), "METROPOLE": range(2014, 2020)}
DISP_FILES = {"COM": "COM_dep59", "EPCI": "EPCI_caph_cavm", "DEP": "DEP59", "REG": "REG32", "METROPOLE": "METROPOLE"}


def codes(shared: Path) -> list[str]:
    """Codes of the 82 communes, in order."""
    return sorted(row["code_insee"] for row in members(shared))


def _melodi(niveau: str, code: str, period: str, measure: str, value: str, secret: bool = False) -> Row:
    return {
        "geo_millesime": COG,
        "geo_niveau": niveau,
        "geo_code": code,
        "time_period": period,
        "measure": measure,
        "value": value,
        "conf_status": "C" if secret else "F",
        # The publisher's observation status beside a confidential value is not known: left empty.
        "obs_status": "" if secret else "A",
    }


def filosofi(shared: Path) -> list[Row]:
    """insee__filosofi: medians (€ a year per consumption unit) and poverty rates (%) of the 82 communes in 2021."""
    table = indexed(rows(shared / "filosofi/cc_filosofi_2021_COM_dep59.csv", ";"), "CODGEO")
    result = []
    for code in codes(shared):
        for measure, column in MEASURES_2021.items():
            written = table[code][column]
            value = "" if written == "s" else written.replace(",", ".")
            result.append(_melodi("COM", code, "2021", measure, value, secret=written == "s"))
    return result


def populations(shared: Path) -> list[Row]:
    """insee__populations: municipal populations 2013–2023; counted apart and total for 2021.

    The département (2016–2022) and the region (2016–2021) are the census populations that the ministry of the
    interior prints beside its own figures, with their census year; a year printed several times must always carry
    the same figure. No figure is known for France. Neither these files nor Melodi carry an EPCI.

    Raises:
        CarryError: when two files or two lines disagree.
    """
    series = indexed(rows(shared / "rp/population_municipale_2013_2023_dep59.csv", ";"), "codgeo")
    legal = indexed(rows(shared / "geo/populations_legales_donnees_communes_dep59.csv", ";"), "COM")
    result = []
    for year in range(2013, 2024):
        column = f"p{year % 100}_pop"
        for code in codes(shared):
            result.append(_melodi("COM", code, str(year), "PMUN", series[code][column]))
    for code in codes(shared):
        if legal[code]["PMUN"] != series[code]["p21_pop"]:
            raise CarryError(f"two municipal populations 2021 for {code}")
        for measure in ("PCAP", "PTOT"):
            result.append(_melodi("COM", code, "2021", measure, legal[code][measure]))
    violence = shared / "social/delinquance"
    departement = [
        (row["insee_pop_millesime"], row["insee_pop"])
        for row in rows(violence / "ssmsi_donnee-dep-2024_dep59.csv", ";")
    ]
    region = [(f"20{row['millPOP']}", row["POP"]) for row in rows(violence / "ssmsi_donnee-reg-2023_reg32.csv", ";")]
    for niveau, code, printed in (("DEP", "59", departement), ("REG", "32", region)):
        by_year = dict(printed)
        if len(set(printed)) != len(by_year):
            raise CarryError(f"{niveau} {code}: two populations for one census year")
        result += [_melodi(niveau, code, year, "PMUN", value) for year, value in by_year.items()]
    return result


def filosofi_fichiers(shared: Path) -> list[Row]:
    """insee__filosofi_fichiers: medians and poverty rates as written in the files of each vintage but 2021.

    2012, 2014, 2015, 2019, 2020, 2023 for communes; 2013 to 2019 for the levels above (2013: département and region
    only); 2023 for the département and metropolitan France. The poverty rate of communes is not in the files of
    2014 and 2015: no row, which is not a suppressed row.
    """
    result: list[Row] = []

    def add(year: int, niveau: str, code: str, measure: str, written: str) -> None:
        result.append(
            {"niveau": niveau, "codgeo": code, "annee": str(year), "mesure": measure, "valeur_brute": written}
        )

    wanted = codes(shared)
    for year, name in ((2012, "base-cc-filosofi-2012_COM_dep59.csv"), (2020, "cc_filosofi_2020_COM_dep59.csv")):
        table = indexed((r for r in rows(shared / "filosofi" / name, ";") if r["CODGEO"] in wanted), "CODGEO")
        for code in wanted:
            add(year, "COM", code, "MED", table[code][f"MED{year % 100}"])
            add(year, "COM", code, "TP60", table[code][f"TP60{year % 100}"])
    for niveau, name in (("DEP", "dpt"), ("REG", "reg2016")):
        code = "59" if niveau == "DEP" else "32"
        row = indexed(rows(shared / f"filosofi/khartis_fr-{name}-pauvrete-2013.csv"), "Code géographique")[code]
        add(2013, niveau, code, "MED", row["Revenu disponible par unité de consommation (Médiane)"])
        add(2013, niveau, code, "TP60", row["Taux de pauvreté-Ensemble (% pop totale)"])
    for niveau, years in DISP_YEARS.items():
        for year in years:
            path = shared / f"filosofi/FILO{year}_DISP_{DISP_FILES[niveau]}.csv"
            for row in rows(path, ";"):
                if niveau != "COM" or row["CODGEO"] in wanted:
                    add(year, niveau, row["CODGEO"], "MED", row[f"Q2{year % 100}"])
    poor = indexed(rows(shared / "filosofi/FILO2019_DISP_Pauvres_COM_dep59.csv", ";", skip=5), "CODGEO")
    for code in wanted:  # the file lists only the communes above the diffusion threshold: the others are suppressed
        add(2019, "COM", code, "TP60", poor[code]["TP6019"] if code in poor else "")
    places = {"D59": ("DEP", "59"), "METRO": ("METROPOLE", "1")}
    for row in rows(shared / "social/filosofi/filosofi2023_mediane_pauvrete_derive.csv"):
        niveau, code = places.get(row["territoire"], ("COM", row["territoire"]))
        add(2023, niveau, code, "MED", row["niveau_vie_median_eur"])
        add(2023, niveau, code, "TP60", row["taux_pauvrete_60_pct"])
    return result


def chomage_ze(shared: Path) -> list[Row]:
    """insee__chomage_ze: quarterly unemployment rate (%, seasonally adjusted) of the region's employment zones."""
    table = rows(shared / "emploi_chomage/chomage_zone_emploi_2003T1_2023T3_reg32.csv", ";", skip=5)
    return [
        {
            "ze2020": row["ZE2020"],
            "libze2020": row["LIBZE2020"],
            "reg": row["REG"],
            "periode": period,
            "taux": value,
        }
        for row in table
        for period, value in row.items()
        if period[:4].isdigit()
    ]


def chomage_departement(shared: Path) -> list[Row]:
    """insee__chomage_departement: quarterly unemployment rate (%) of the region's five départements.

    The original workbook has no row for France: none is carried over.
    """
    table = rows(shared / "emploi_chomage/chomage_departement_1982T1_2025T3_nord.csv", ";", skip=3)
    return [
        {
            "code": row["Code"],
            "libelle": row["Libellé"],
            "periode": f"{column[3:]}-{column[:2]}",
            "taux": value,
        }
        for row in table
        if row["Libellé"]  # the line below the figures states the scope
        for column, value in row.items()
        if column[:1] == "T" and column[3:].isdigit()
    ]


def comparateur(shared: Path) -> list[Row]:
    """insee__comparateur: ten variables of the edition of January 2022, as written (empty = suppressed)."""
    table = indexed(rows(shared / "rp/base_cc_comparateur_2022_dep59.CSV", ";"), "CODGEO")
    return [
        {"codgeo": code, "variable": name, "valeur_brute": table[code][name]}
        for code in codes(shared)
        for name in VARIABLES
    ]
