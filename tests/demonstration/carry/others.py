"""Energy, housing labels, health, land, charge points and greenhouse gases of the 82 communes.

Not here: daily air indices (simulated by the local portal). Where the figure known is a total and the publisher's
own rows are finer, rows are rebuilt so that every total is the known one; nothing is spread by an assumption.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.demonstration.carry.geography import members
from tests.demonstration.carry.insee import codes
from tests.demonstration.carry.reading import CarryError, Row, indexed, plain, rows, times

DPE_STATE = "2026-06-30"
REGISTER_STATE = "2026-07-31"
IRVE_STATE = "2026-10-09"
TRANSPORT_OPERATORS = {"RTE", "NaTran"}  # they deliver to industry and power stations, never to dwellings
GES_COLUMNS = {
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


def ore(shared: Path) -> list[Row]:
    """ore__consommation 2024: dwellings, the remainder of the total, and the suppressed cells, by energy.

    The remainder (total − dwellings) is of unknown sector (`INCONNU`, the publisher's own word), all operators of
    the commune joined by `|`; no row when it is nil. Suppressed cells are one row with an empty figure: the total
    is then a floor. MWh, rounded to the unit by the source.

    Raises:
        CarryError: when dwellings exceed the total.
    """
    wanted = set(codes(shared))
    result = []
    for row in rows(shared / "energy/ore_conso_commune_2024_rouages_derived.csv"):
        if row["code_commune"] not in wanted:
            continue
        operators = row["operateurs"].split("|")
        distributors = [name for name in operators if name not in TRANSPORT_OPERATORS]

        def line(operator: str, sector: str, category: str, sites: str, mwh: str, secret: str, row: Row = row) -> Row:
            return {
                "annee": row["annee"],
                "code_commune": row["code_commune"],
                "nom_commune": row["nom_commune"],
                "code_epci": row["epci_siren"],
                "operateur": operator,
                "filiere": row["filiere"],
                "code_grand_secteur": sector,
                "code_categorie_consommation": category,
                "nb_sites": sites,
                "conso_totale_mwh": mwh,
                "nombre_de_mailles_secretisees": secret,
            }

        dwellings = row["conso_residentiel_mwh"]
        rest = Decimal(row["conso_totale_mwh"]) - Decimal(dwellings)
        if rest < 0:
            raise CarryError(f"{row['code_commune']} {row['filiere']}: dwellings exceed the total")
        sites = row["nb_sites_residentiel"]
        result.append(line("|".join(distributors), "RESIDENTIEL", "RES", sites, dwellings, "0"))
        if rest:
            result.append(line(row["operateurs"], "INCONNU", "", "", plain(rest), "0"))
        if int(row["mailles_secretisees"]):
            result.append(line(row["operateurs"], "INCONNU", "", "", "", row["mailles_secretisees"]))
    return result


def odre(shared: Path) -> list[Row]:
    """odre__registre: installed power (kW) and energy injected over 12 months (kWh) per commune and filière.

    The number of lines of the register is not known, only whether their energy is known for all, some or none: the
    smallest numbers that say so are written (1 of 1, 1 of 2, 0 of 1).

    Raises:
        CarryError: for an unknown status, or an energy beside an unknown status.
    """
    lines = {"connu": (1, 1), "partiel": (2, 1), "inconnu": (1, 0)}
    wanted = set(codes(shared))
    result = []
    for row in rows(shared / "energy/odre_production_commune_20260731_rouages_derived.csv"):
        if row["code_commune"] not in wanted:
            continue
        if row["statut_energie"] not in lines:
            raise CarryError(f"unknown status {row['statut_energie']}")
        total, known = lines[row["statut_energie"]]
        if bool(known) != bool(row["injection_12_mois_mwh"]):
            raise CarryError(f"{row['code_commune']} {row['filiere']}: energy and status disagree")
        result.append(
            {
                "codeinseecommune": row["code_commune"],
                "commune": row["nom_commune"],
                "filiere": row["filiere"],
                "n_lignes": total,
                "n_avec_energie": known,
                "nb_installations": row["nb_installations"],
                "puissance_kw": row["puissance_kw"],
                "energie_injectee_kwh": times(row["injection_12_mois_mwh"], 1000),
                "date_etat": REGISTER_STATE,
            }
        )
    return result


def dpe(shared: Path) -> list[Row]:
    """ademe_dpe__etiquettes: number of valid energy diagnoses per label. A label nobody has is no row, as in the
    publisher's aggregates."""
    table = indexed(rows(shared / "energy/ademe_dpe_etiquettes_commune_20260630_rouages_derived.csv"), "code")
    return [
        {
            "code_insee_ban": code,
            "etiquette_dpe": label,
            "nombre": table[code][f"nb_{label}"],
            "date_etat": DPE_STATE,
        }
        for code in codes(shared)
        for label in "ABCDEFG"
        if table[code][f"nb_{label}"] != "0"
    ]


def apl(shared: Path) -> list[Row]:
    """drees__apl_generalistes 2022–2024: consultations a year per standardised inhabitant (all doctors; up to 65).

    `population_totale` is the municipal population two years before, the vintage that the publisher's own workbooks
    use (equal to it in its workbooks of the same years for other professions); the standardised population is not
    known and stays empty.
    """
    population = indexed(rows(shared / "rp/population_municipale_2013_2023_dep59.csv", ";"), "codgeo")
    wanted = set(codes(shared))
    return [
        {
            "annee": row["annee"],
            "code_commune": row["code"],
            "commune": row["nom"],
            "apl": row["apl_generalistes"],
            "apl_65": row["apl_generalistes_65_ans_et_moins"],
            "population_standardisee": "",
            "population_totale": population[row["code"]][f"p{int(row['annee']) % 100 - 2}_pop"],
        }
        for row in rows(shared / "health/drees_apl_generalistes_2022_2024_rouages_derived.csv")
        if row["code"] in wanted
    ]


def cerema(shared: Path) -> list[Row]:
    """cerema__consommation_enaf: land consumed each year from 1 January, 2011 to 2024, in m² (source in hectares)."""
    wanted = set(codes(shared))
    return [
        {
            "idcom": row["code_commune"],
            "idcomtxt": row["nom_commune"],
            "epci25": row["epci_siren"],
            "annee": year,
            "naf_m2": times(row[f"conso_ha_{year}"], 10_000),
            "surfcom_m2": times(row["surface_commune_ha"], 10_000),
        }
        for row in rows(shared / "land/cerema_conso_enaf_commune_2011_2025_rouages_derived.csv")
        if row["code_commune"] in wanted
        for year in range(2011, 2025)
    ]


def irve(shared: Path) -> list[Row]:
    """irve__points: one row a charge point, rebuilt from the numbers of stations, points and points of 50 kW and up.

    Points are dealt to the stations in turn; the first ones of a commune are the fast ones. Conventional: 50, 22 kW
    (only the 50 kW threshold is known) and the representative point of the commune as position. The date of
    commissioning is not known. Identifiers start with DEMO so that none can be taken for a real one.

    Raises:
        CarryError: fewer points than stations, or more fast points than points.
    """
    places = {row["code_insee"]: row for row in members(shared)}
    result = []
    for row in rows(shared / "mobility/irve_bnlc_commune_202610_rouages_derived.csv"):
        code = row["code_commune"]
        if code not in places:
            continue
        stations, points, fast = (int(row[c]) for c in ("nb_stations", "nb_pdc", "nb_pdc_50kw_et_plus"))
        if points < stations or fast > points:
            raise CarryError(f"{code}: {stations} stations, {points} points, {fast} fast points")
        for number in range(points):
            station = f"DEMO{code}S{number % stations + 1:03d}"
            result.append(
                {
                    "id_pdc_itinerance": f"{station}P{number // stations + 1:03d}",
                    "id_station_itinerance": station,
                    "code_insee_commune": code,
                    "consolidated_longitude": places[code]["lon_repr_point"],
                    "consolidated_latitude": places[code]["lat_repr_point"],
                    "puissance_nominale": "50" if number < fast else "22",
                    "date_mise_en_service": "",
                    "date_maj": IRVE_STATE,
                }
            )
    return result


def ges(shared: Path) -> list[Row]:
    """ges__inventaire_communal 2016: tCO2e per sector, as written; empty = no emission in that sector."""
    table = indexed(rows(shared / "air/citepa_igt_2016_ges_communes_caph_cavm.csv"), "INSEE commune")
    return [
        {"insee_commune": code, "commune": table[code]["Commune"]}
        | {column: table[code][title] for column, title in GES_COLUMNS.items()}
        for code in codes(shared)
    ]
