"""Local finance, major risks and shared car trips of the territory and of its references.

Not here: what the aggregates of accounts mean. Amounts are those of the newest year; before it, only euros per
inhabitant, rounded to the euro, are known.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.insee import codes
from tests.demonstration.carry.reading import CarryError, Row, plain, rows

AGGREGATES = ("Dépenses d'investissement", "Dépenses d'équipement", "Subventions d'équipement versées")
YEARS = range(2018, 2025)
RISK_STATE = "2019-12-31"  # the year that the titles of the reference file give
RISKS = {  # title of the reference file → label
    "risque d'inondations, 2019": "Inondation",
    "risque de mouvements de terrain, 2019": "Mouvement de terrain",
    "risque de séismes, 2019": "Séisme",
    "risque d'avalanches, 2019": "Avalanche",
    "risque de feux de forêt, 2019": "Feu de forêt",
    "risque de lié à des phénomènes atmosphériques, 2019": "Phénomènes liés à l'atmosphère",
    "risque d'éruptions volcaniques, 2019": "Eruption volcanique",
    "risque industriel, 2019": "Risque industriel",
    "risque nucléaire, 2019": "Nucléaire",
    "risque de rupture de barrage, 2019": "Rupture de barrage",
    "risque lié au transport de marchandises dangereuses, 2019": "Transport de marchandises dangereuses",
    "risque lié aux engins de guerre": "Engins de guerre",
    "risque d'affaissements miniers, 2019": "Affaissement minier",
}


def accounts(shared: Path) -> list[Row]:
    """ofgl__comptes: three aggregates; 2025 with its amount and population, 2018 to 2024 per inhabitant only."""
    folder = shared / "territory/finance"
    result = [
        {
            "niveau": row["niveau"],
            "code": row["code"],
            "nom": row["nom"],
            "exer": row["exercice"],
            "agregat": row["agregat"],
            "montant": row["montant_euros"],
            "ptot": row["population_ofgl"],
            "euros_par_habitant": row["euros_par_habitant_calcule"],
        }
        for row in rows(folder / "ofgl_comptes_epci_dep_region_montants_2025_rouages_derived.csv")
        if row["agregat"] in AGGREGATES
    ]
    for row in rows(folder / "ofgl_comptes_epci_dep_region_series_2018_2025_rouages_derived.csv"):
        if row["agregat"] not in AGGREGATES:
            continue
        if row["unite"] != "euros_par_habitant":
            raise CarryError(f"{row['code']} {row['agregat']}: unit {row['unite']}")
        result += [
            {
                "niveau": row["niveau"],
                "code": row["code"],
                "nom": row["nom"],
                "exer": str(year),
                "agregat": row["agregat"],
                "montant": "",
                "ptot": "",
                "euros_par_habitant": row[str(year)],
            }
            for year in YEARS
            if row[str(year)]
        ]
    return result


def risks(shared: Path) -> list[Row]:
    """georisques__risques: the risks flagged for each commune; the seismic one carries its zone.

    Raises:
        CarryError: a flag that is neither 0 nor 1 where no zone is due, or a commune without a row.
    """
    path = shared / "territory/risques/geoclip_risques_majeurs_communes_2019_2024.csv"
    table = {row["Code"].zfill(5): row for row in rows(path, ";", skip=2)}
    result = []
    for code in codes(shared):
        if code not in table:
            raise CarryError(f"{code}: no row of risks")
        for title, label in RISKS.items():
            flag = table[code][title].strip()
            seismic = label == "Séisme"
            if flag not in ({"1", "2", "3", "4", "5"} if seismic else {"0", "1"}):
                raise CarryError(f"{code} {label}: flag {flag}")
            if flag == "0" or (seismic and flag == "1"):
                continue
            result.append(
                {
                    "code_insee": code,
                    "libelle_commune": table[code]["Libellé"],
                    "num_risque": "",
                    "libelle_risque_long": label,
                    "zone_sismicite": flag if seismic else "",
                    "date_etat": RISK_STATE,
                }
            )
    return result


def trips(shared: Path) -> list[Row]:
    """rpc__trajets_epci: trips certified in a year, one row an EPCI."""
    return [
        {
            "annee": row["annee"],
            "territoryid": row["territoryid"],
            "lieu": row["lieu"],
            "valeur": plain_number(row["valeur"]),
        }
        for row in rows(shared / "territory/mobilite/rpc_trajets_covoiturage_epci_2024.csv")
    ]


def plain_number(text: str) -> str:
    """A count written `12913.0`, without its decimal."""
    return plain(Decimal(text))


CONTRACTS = {
    "ofgl__comptes": Contract(
        columns("niveau, code, nom, exer int, agregat, montant double, ptot int, euros_par_habitant double"),
        ("niveau", "code", "exer", "agregat"),
        optional=("montant", "ptot"),
    ),
    "georisques__risques": Contract(
        columns("code_insee, libelle_commune, num_risque, libelle_risque_long, zone_sismicite, date_etat date"),
        ("code_insee", "libelle_risque_long"),
        "code_insee",
        optional=("num_risque", "zone_sismicite"),
    ),
    "rpc__trajets_epci": Contract(columns("annee int, territoryid, lieu, valeur double"), ("annee", "territoryid")),
}
CARRIERS = {"ofgl__comptes": accounts, "georisques__risques": risks, "rpc__trajets_epci": trips}
