"""Households, violence, vacancy, associations, employees and job seekers of the 82 communes.

Not here: childcare coverage and social-housing starts (simulated by the local portal: no figure is known).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.insee import codes
from tests.demonstration.carry.reading import CarryError, Row, indexed, rows

RNA_STATE = "2026-09-01"  # date in the name of the archive that the portal rebuilds
VIOLENCE = "Violences physiques intrafamiliales"
BEFORE_2025 = "Coups et blessures volontaires intrafamiliaux"
VIOLENCE_YEARS = range(2016, 2026)


def caf(shared: Path) -> list[Row]:
    """caf__prestations: households (`indfoy`), persons covered by any benefit, households with the RSA; rounded to 5.

    The number of persons covered by the RSA alone is not known: left empty.
    """
    wanted = set(codes(shared))
    return [
        {
            "annee": row["annee_decembre"],
            "numcomdo": row["code"],
            "nomcom": row["libelle"].upper(),
            "indfoy_ndur": row["foyers_allocataires"],
            "indnbp_ndur": row["personnes_couvertes"],
            "indfoy_rsa": row["rsa"],
            "indnbp_rsa": "",
        }
        for row in rows(shared / "social/caf/caf_s_ben_com_f_2020_2024_derive.csv")
        if row["code"] in wanted
    ]


def ssmsi(shared: Path) -> list[Row]:
    """ssmsi__delinquance: domestic violence; communes of the 2025 edition, the Nord of 2024, the region of 2023.

    A commune published in 2025 has ten rows, unpublished years being `ndiff`; one that is not published in 2025 has
    that row only, because nothing is known of its earlier years. Populations are the municipal ones of the year, or
    of 2023 after it: every published rate of 2025 is checked to follow from them. The Nord of 2025 is a rate only.

    Raises:
        CarryError: a rate that does not follow from the number and the population, or a rate without a number.
    """
    people = indexed(rows(shared / "rp/population_municipale_2013_2023_dep59.csv", ";"), "codgeo")
    result: list[Row] = []
    source = rows(shared / "social/delinquance/ssmsi_communes_2016_2025_violences_derive.csv")
    for row in source:
        if row["indicateur"] != VIOLENCE:
            continue
        rate, code = row["taux_pour_mille_2025"], row["territoire"]
        if code == "D59":
            result.append(_violence("departement", "59", "2025", VIOLENCE, "", rate, "", "", ""))
            continue
        if bool(rate) != bool(row["n_2025"]):
            raise CarryError(f"{code}: rate and number of 2025 disagree")
        for year in VIOLENCE_YEARS if rate else (2025,):
            number, census = row[f"n_{year}"], min(year, 2023)
            population = people[code][f"p{census % 100}_pop"]
            shown = rate if year == 2025 else ""
            if shown and abs(Decimal(number) * 1000 / Decimal(population) - Decimal(shown)) > Decimal("0.0051"):
                raise CarryError(f"{code}: {number} / {population} is not {shown} for 1,000")
            status = "diff" if number else "ndiff"
            result.append(
                _violence("commune", code, str(year), VIOLENCE, number, shown, status, population, str(census))
            )
    folder = shared / "social/delinquance"
    for row in rows(folder / "ssmsi_donnee-dep-2024_dep59.csv", ";"):
        if row["indicateur"] == BEFORE_2025:
            figures = (row["nombre"], row["taux_pour_mille"].replace(",", "."), "", row["insee_pop"])
            result.append(
                _violence("departement", "59", row["annee"], BEFORE_2025, *figures, row["insee_pop_millesime"])
            )
    for row in rows(folder / "ssmsi_donnee-reg-2023_reg32.csv", ";"):
        if row["classe"] == BEFORE_2025:
            figures = (row["faits"], row["tauxpourmille"].replace(",", "."), "", row["POP"])
            result.append(
                _violence("region", "32", f"20{row['annee']}", BEFORE_2025, *figures, f"20{row['millPOP']}")
            )
    return result


def _violence(
    level: str, code: str, year: str, label: str, number: str, rate: str, status: str, people: str, census: str
) -> Row:
    return {
        "niveau": level,
        "code": code,
        "annee": year,
        "indicateur": label,
        "unite_de_compte": "Victime",
        "nombre": number,
        "taux_pour_mille": rate,
        "est_diffuse": status,
        "insee_pop": people,
        "insee_pop_millesime": census,
        "complement_info_nombre": "",
    }


def lovac(shared: Path) -> list[Row]:
    """lovac__parc_prive: every measure and year of the five départements of the region, blanks taken away.

    Raises:
        CarryError: a column that is not a measure and a year.
    """
    text = (shared / "social/lovac/lovac_opendata_dep_hdf.csv").read_text(encoding="cp1252")
    header, *lines = [[cell.strip() for cell in line.split(";")] for line in text.splitlines()]
    result: list[Row] = []
    for line in lines:
        row = dict(zip(header, line, strict=True))
        for name in header[2:]:
            measure, _, year = name.rpartition("_")
            if not year.isdigit() or not measure.startswith("pp_"):
                raise CarryError(f"unknown column {name}")
            result.append(
                {
                    "niveau": "departement",
                    "code": row["DEP"],
                    "libelle": row["LIB_DEP"],
                    "annee": f"20{year}",
                    "mesure": measure,
                    "valeur_brute": "".join(row[name].split()),
                }
            )
    return result


def lovac_2021(shared: Path) -> list[Row]:
    """lovac__parts_communes: shares vacant for over two years on 1 January 2021; empty cells are secret."""
    path = shared / "territory/logement/lovac_vacance_parc_prive_communes_2021_2022.csv"
    header, *lines = [line.split(";") for line in path.read_text(encoding="cp1252").splitlines()]
    result = []
    for line in lines:
        row = dict(zip(header, line, strict=True))
        result.append(
            {
                "comm_insee": row["comm_insee"],
                "nom_com": row["NOM_COM"],
                "nb_log_pp_2022": "".join(row["Nb_log_pp_2022"].split()),
                "prop_logvac_pp_2a_010121": row["Prop_logvac_pp_2A_010121"].replace(",", "."),
            }
        )
    return result


def rna(shared: Path) -> list[Row]:
    """rna__creations: associations created by commune of the seat and year, 2020 to 2025; no row for none."""
    path = shared / "territory/associations/rna_creations_associations_commune_2020_2025_rouages_derived.csv"
    return [
        {
            "code_commune": row["code_commune"],
            "annee": str(year),
            "creations": row[f"creations_{year}"],
            "date_etat": RNA_STATE,
        }
        for row in rows(path)
        for year in range(2020, 2026)
        if row[f"creations_{year}"] != "0"
    ]


def urssaf(shared: Path) -> list[Row]:
    """urssaf__effectifs: private-sector employees at 31 December, 2015 to 2025, place of work; empty: none told."""
    path = shared / "territory/emploi/urssaf_effectifs_salaries_commune_2015_2025_rouages_derived.csv"
    return [
        {
            "code_commune": row["code_commune"],
            "annee": str(year),
            "effectifs_salaries": row[f"effectifs_salaries_31_12_{year}"],
        }
        for row in rows(path)
        for year in range(2015, 2026)
    ]


def dares(shared: Path) -> list[Row]:
    """dares__demandeurs_emploi: job seekers A, B, C, fourth quarters of 2015 to 2024, rounded to 5."""
    path = shared / "territory/emploi/dares_demandeurs_emploi_abc_t4_commune_2015_2024_rouages_derived.csv"
    return [
        {
            "date": f"{year}-T4",
            "code_commune": row["code_commune"],
            "commune": row["nom_commune"],
            "nombre_de_demandeurs_d_emploi": row[f"defm_abc_t4_{year}"],
        }
        for row in rows(path)
        for year in range(2015, 2025)
    ]


CONTRACTS = {
    "caf__prestations": Contract(
        columns(
            "annee int, numcomdo, nomcom, indfoy_ndur double, indnbp_ndur double, indfoy_rsa double, "
            "indnbp_rsa double"
        ),
        ("annee", "numcomdo"),
        "numcomdo",
        optional=("indnbp_rsa",),
    ),
    "ssmsi__delinquance": Contract(
        columns(
            "niveau, code, annee int, indicateur, unite_de_compte, nombre double, taux_pour_mille double, "
            "est_diffuse, insee_pop double, insee_pop_millesime int, complement_info_nombre double"
        ),
        ("niveau", "code", "annee", "indicateur"),
        "code",
        "niveau",
        "commune",
        optional=(
            *("nombre", "taux_pour_mille", "est_diffuse"),
            *("insee_pop", "insee_pop_millesime", "complement_info_nombre"),
        ),
    ),
    "lovac__parc_prive": Contract(
        columns("niveau, code, libelle, annee int, mesure, valeur_brute"), ("niveau", "code", "annee", "mesure")
    ),
    "lovac__parts_communes": Contract(
        columns("comm_insee, nom_com, nb_log_pp_2022 double, prop_logvac_pp_2a_010121 double"),
        ("comm_insee",),
        "comm_insee",
        partial=True,
        optional=("nb_log_pp_2022", "prop_logvac_pp_2a_010121"),
    ),
    "rna__creations": Contract(
        columns("code_commune, annee int, creations int, date_etat date"),
        ("code_commune", "annee"),
        "code_commune",
        partial=True,
    ),
    "urssaf__effectifs": Contract(
        columns("code_commune, annee int, effectifs_salaries double"),
        ("code_commune", "annee"),
        "code_commune",
        optional=("effectifs_salaries",),
    ),
    "dares__demandeurs_emploi": Contract(
        columns("date, code_commune, commune, nombre_de_demandeurs_d_emploi double"),
        ("date", "code_commune"),
        "code_commune",
    ),
}
CARRIERS = {
    "caf__prestations": caf,
    "ssmsi__delinquance": ssmsi,
    "lovac__parc_prive": lovac,
    "lovac__parts_communes": lovac_2021,
    "rna__creations": rna,
    "urssaf__effectifs": urssaf,
    "dares__demandeurs_emploi": dares,
}
