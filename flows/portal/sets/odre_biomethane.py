"""ODRÉ: biomethane injection sites, the 19 columns of the export of 2022 (contract: real bytes).

Names of projects, positions and carriers are not in the demonstration: these cells are empty. The sites of one region
are served, the real dataset is national. Not here: queries and answers (`flows.portal.explore`).
"""

from __future__ import annotations

from typing import Any

from flows.portal.answers import Ask
from flows.portal.explore_sets import Explored, altered
from flows.portal.figures import View, number, spec
from flows.portal.geo import DEPARTEMENTS, EPCI, REGIONS
from flows.portal.payloads import words

_CAPACITY = "capacite_de_production_gwh_an"
TABLES = {
    "odre__biomethane": spec(
        "code_commune id_unique_projet site commune code_epci code_dep code_reg type_de_reseau date_de_mes "
        + _CAPACITY,
        "code_commune",
        _CAPACITY,
    ),
}
_FIELDS = {
    name: "double" if name == _CAPACITY else "text"
    for name in words(
        "annee_mes nom_du_projet site commune coordonnees code_epci nom_epci departement region date_de_mes "
        "type_de_reseau grx_demandeur capacite_de_production_gwh_an gestionnaire_de_registre code_dep code_reg "
        "augmentation_prevue id_unique_projet code_commune"
    )
}


def _read(view: View, repeat: bool) -> list[dict[str, Any]]:
    return [
        dict.fromkeys(_FIELDS)
        | dict(row)
        | {
            "annee_mes": row["date_de_mes"][:4],
            "nom_epci": EPCI[row["code_epci"]][0] if row["code_epci"] in EPCI else None,
            "departement": DEPARTEMENTS.get(row["code_dep"]),
            "region": REGIONS.get(row["code_reg"]),
            _CAPACITY: number(row[_CAPACITY]),
        }
        for row in view.rows("odre__biomethane", repeat=repeat)
    ]


def _modified(ask: Ask) -> str:
    if altered(ask, BIOMETHANE.host, BIOMETHANE.ident, ("records", "exports/csv")):
        return f"{ask.today}T03:00:00+00:00"
    return "2022-10-31T09:00:00+00:00"


BIOMETHANE = Explored(
    host="odre.opendatasoft.com",
    ident="les-sites-dinjection-de-biomethane-en-france",
    main="code_commune",
    publisher="GRTgaz, GRDF, Teréga",
    title=lambda ask: "Sites d'injection de biométhane en France",
    modified=_modified,
    read=_read,
    fields=_FIELDS,
)
EXPLORED = (BIOMETHANE,)
