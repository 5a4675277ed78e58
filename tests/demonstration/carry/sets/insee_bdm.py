"""Insee's data bank by SDMX: the one series of ours whose figures are known, unemployment of the Nord.

Its quarterly rates are those of the workbook of the départements, the same estimates. Not here: the national series,
whose figures are not among the reference data (no row: the portal answers as for a series that stopped).
"""

from __future__ import annotations

from pathlib import Path

from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.insee import chomage_departement
from tests.demonstration.carry.reading import Row, indexed, rows

IDBANK = "001515924"
CONTRACTS = {
    "insee__bdm": Contract(
        columns("idbank, titre, freq, ref_area, unit_measure, periode, valeur double, obs_status, last_update"),
        ("idbank", "periode"),
        optional=("last_update",),
    )
}


def bdm(shared: Path) -> list[Row]:
    """insee__bdm: quarterly unemployment rate (%, seasonally adjusted) of the Nord, with the title of its idbank."""
    title = indexed(rows(shared / "national/bdm_idbanks_selection.csv", ";"), "idbank")[IDBANK]
    return [
        {
            "idbank": IDBANK,
            "titre": title["title_fr"],
            "freq": "T",
            "ref_area": "D59",
            "unit_measure": "POURCENT",
            "periode": row["periode"],
            "valeur": row["taux"],
            "obs_status": "A",
            "last_update": "",
        }
        for row in chomage_departement(shared)
        if row["code"] == "59"
    ]


CARRIERS = {"insee__bdm": bdm}
