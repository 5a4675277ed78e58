"""Utilised agricultural area of the 82 communes and share of organic farmland of their references.

Not here: organic parcels, which are simulated by the local portal (no figure is known by commune).
"""

from __future__ import annotations

from pathlib import Path

from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.insee import codes
from tests.demonstration.carry.reading import CarryError, Row, rows

ORGANIC = "surface-agriculture-biologique"
FIGURES = {
    "sau_ha": "sau_ha",
    "cereales_oleoproteagineux_ha": "cereales_oleoproteagineux_ha",
    "prairies_ha": "prairies_ha",
    "cultures_permanentes_ha": "cultures_permanentes_ha",
}


def area(shared: Path) -> list[Row]:
    """agreste__sau_communes 2020, hectares rounded to the unit; a suppressed part was written 0 by the derived table.

    Such a 0 may be a secret: parts equal to 0 are left empty, for an unproven zero is not a figure.
    """
    wanted = set(codes(shared))
    return [
        {"annee": "2020", "code_commune": row["code_commune"]}
        | {name: "" if column != "sau_ha" and row[column] == "0" else row[column] for name, column in FIGURES.items()}
        for row in rows(shared / "territory/agriculture/agreste_ra2020_sau_commune_rouages_derived.csv")
        if row["code_commune"] in wanted
    ]


def organic(shared: Path) -> list[Row]:
    """ditp__barometre: share of farmland under organic farming, Nord, Hauts-de-France and France, 2017 to 2021."""
    result = []
    for row in rows(shared / "territory/barometre/ditp_barometre_resultats_2023_nord_hdf_france.csv", ";"):
        if row["id_indicateur"] != ORGANIC:
            continue
        if row["unite"] != "% de surface agricole":
            raise CarryError(f"{row['code']} {row['date']}: unit {row['unite']}")
        result.append(
            {
                "id_indicateur": row["id_indicateur"],
                "niveau": row["niveau"],
                "code": "F" if row["niveau"] == "france" else row["code"],
                "date": row["date"],
                "valeur": row["valeur"],
                "unite": row["unite"],
            }
        )
    return result


CONTRACTS = {
    "agreste__sau_communes": Contract(
        columns(
            "annee int, code_commune, sau_ha double, cereales_oleoproteagineux_ha double, prairies_ha double, "
            "cultures_permanentes_ha double"
        ),
        ("code_commune",),
        "code_commune",
        partial=True,
        optional=("cereales_oleoproteagineux_ha", "prairies_ha", "cultures_permanentes_ha"),
    ),
    "ditp__barometre": Contract(
        columns("id_indicateur, niveau, code, date date, valeur double, unite"),
        ("id_indicateur", "niveau", "code", "date"),
    ),
}
CARRIERS = {"agreste__sau_communes": area, "ditp__barometre": organic}
