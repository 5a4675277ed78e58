"""The COG of the département and the EPCI of the 82 communes by year, as Insee publishes them.

Not here: districts, cantons, and the other zonings of the same tables.
"""

from __future__ import annotations

from pathlib import Path

from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.reading import Row, rows

_MOVED = ("mod", "date_eff", "typecom_av", "com_av", "libelle_av", "typecom_ap", "com_ap", "libelle_ap")
CONTRACTS = {
    "insee__appartenances": Contract(columns("annee int, codgeo, libgeo, epci"), ("annee", "codgeo"), "codgeo"),
    "insee__cog": Contract(
        columns("objet, mod int, date_eff date, typecom_av, com_av, libelle_av, typecom_ap, com_ap, libelle_ap"),
        ("objet", "mod", "date_eff", "typecom_av", "com_av", "libelle_av", "typecom_ap", "com_ap", "libelle_ap"),
        optional=("mod", "date_eff", "typecom_av", "com_av", "libelle_av"),
    ),
}


def cog(shared: Path) -> list[Row]:
    """insee__cog: the 648 communes of today, and movements."""
    now = [
        dict.fromkeys(_MOVED, "") | {"typecom_ap": r["TYPECOM"], "com_ap": r["COM"], "libelle_ap": r["LIBELLE"]}
        for r in rows(shared / "geo/cog_communes_2024_dep59.csv")
        if r["TYPECOM"] == "COM"
    ]
    moved = rows(shared / "geo/cog_mouvements_communes_dep59.csv")
    return [
        *({"objet": "commune", **row} for row in now),
        *({"objet": "mouvement", **{name: row[name.upper()] for name in _MOVED}} for row in moved),
    ]


def appartenances(shared: Path) -> list[Row]:
    """insee__appartenances: one row a year and a commune of the two communautés d'agglomération of today."""
    return [
        {"annee": r["ANNEE"], "codgeo": r["CODGEO"], "libgeo": r["LIBGEO"], "epci": r["EPCI"]}
        for r in rows(shared / "geo/membership_history_2008_2024_COGugaison.csv", ";")
    ]


CARRIERS = {"insee__appartenances": appartenances, "insee__cog": cog}
