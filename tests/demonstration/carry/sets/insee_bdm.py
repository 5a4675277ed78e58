"""Insee's data bank by SDMX: the series of ours whose figures are known, unemployment and life expectancy.

The quarterly rates of the Nord are those of the workbook of the départements, the same estimates; its life
expectancy is that of Insee's local statistics, one year. That of metropolitan France was typed from a public file
that takes it from the same series (see sources.csv). Not here: the other series, whose figures are unknown (no row:
the portal answers as for a series that stopped).
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


# Metropolitan France, years at birth: women, men.
FRANCE = {
    "2008": ("84.4", "77.6"), "2009": ("84.5", "77.8"), "2010": ("84.7", "78.0"), "2011": ("85.0", "78.4"),
    "2012": ("84.8", "78.5"), "2013": ("85.0", "78.8"), "2014": ("85.4", "79.3"), "2015": ("85.1", "79.0"),
    "2016": ("85.3", "79.3"), "2017": ("85.3", "79.5"), "2018": ("85.5", "79.6"), "2019": ("85.6", "79.8"),
    "2020": ("85.2", "79.2"), "2021": ("85.3", "79.3"), "2022": ("85.2", "79.4"), "2023": ("85.7", "80.1"),
    "2024": ("85.8", "80.3"), "2025": ("85.9", "80.4"),
}  # fmt: skip


def bdm(shared: Path) -> list[Row]:
    """insee__bdm: unemployment of the Nord (%, seasonally adjusted), life expectancy of the Nord and of France."""
    return [*unemployment(shared), *life_expectancy(shared)]


def life_expectancy(shared: Path) -> list[Row]:
    """Life expectancy at birth by sex, years."""
    path = shared / "sante/esperance_de_vie_departement_2023.csv"
    nord = indexed(rows(path, ";", 2), "Code")["59"]
    said = {sex: nord[f"Espérance de vie des {sex} à la naissance 2023"] for sex in ("femmes", "hommes")}
    found = [("001746247", "Femmes - Nord", "D59", "2023", said["femmes"])]
    found += [("001745977", "Hommes - Nord", "D59", "2023", said["hommes"])]
    for year, values in FRANCE.items():
        pairs = zip((("001686951", "Femmes"), ("001686946", "Hommes")), values, strict=True)
        found += [(ident, f"{who} - France métropolitaine", "FM", year, value) for (ident, who), value in pairs]
    return [
        {
            "idbank": ident,
            "titre": f"Espérance de vie à la naissance - {who}",
            "freq": "A",
            "ref_area": area,
            "unit_measure": "ANNEES",
            "periode": year,
            "valeur": value,
            "obs_status": "A",
            "last_update": "",
        }
        for ident, who, area, year, value in found
    ]


def unemployment(shared: Path) -> list[Row]:
    """Quarterly unemployment rate of the Nord, with the title of its idbank."""
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
