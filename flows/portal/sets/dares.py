"""Dares: job seekers by commune, the lines « Total » of the fourth quarters, over Explore.

The real table has lines by sex and age beside them, unknown here. Not here: queries (`flows.portal.explore`).
"""

from __future__ import annotations

from typing import Any

from flows.portal.answers import Ask
from flows.portal.explore_sets import Explored, altered
from flows.portal.figures import View, number, spec
from flows.portal.payloads import words

TABLES = {
    "dares__demandeurs_emploi": spec(
        "date code_commune commune nombre_de_demandeurs_d_emploi", "code_commune", "nombre_de_demandeurs_d_emploi"
    ),
}
HOST = "data.dares.travail-emploi.gouv.fr"
SLUG = "dares_defm_communales-brutes"


def _modified(ask: Ask) -> str:
    moved = altered(ask, HOST, SLUG, ("exports/json", "records"))
    return f"{ask.today}T03:00:00+00:00" if moved else "2025-09-25T10:00:00+00:00"


def _records(view: View, repeat: bool) -> list[dict[str, Any]]:
    records = []
    for row in view.rows("dares__demandeurs_emploi", repeat=repeat):
        place = view.figures.communes.get(row["code_commune"])
        records.append(
            {
                "date": row["date"],
                "code_departement": place["code_departement"] if place else row["code_commune"][:2],
                "code_commune": row["code_commune"],
                "commune": row["commune"],
                "type_de_donnees": "Brutes",
                "categorie": "ABC",
                "sexe": "Total",
                "tranche_d_age": "Total",
                "nombre_de_demandeurs_d_emploi": number(row["nombre_de_demandeurs_d_emploi"]),
            }
        )
    return records


DARES = Explored(
    host=HOST,
    ident=SLUG,
    main="code_commune",
    publisher="Dares",
    title=lambda ask: "Demandeurs d'emploi inscrits à France Travail : données communales trimestrielles brutes",
    modified=_modified,
    read=_records,
    fields={
        **dict.fromkeys(
            words("date code_departement code_commune commune type_de_donnees categorie sexe tranche_d_age"), "text"
        ),
        "nombre_de_demandeurs_d_emploi": "int",
    },
)
EXPLORED = (DARES,)
