"""Enedis: production by commune, an Explore dataset whose export carries the labels of its columns as header.

The labels are those of the export of 2015-2016; the keys of the fields are unknown, so labels stand for them here.
Only the département of the demonstration is served: the real export is national.
Not here: queries and answers (`flows.portal.explore`).
"""

from __future__ import annotations

from typing import Any

from flows.portal.answers import Ask
from flows.portal.explore_sets import Explored, altered
from flows.portal.figures import View, number, spec
from flows.portal.geo import DEPARTEMENTS, EPCI, REGIONS

_FILIERES = {
    "photovoltaique": "Photovoltaïque",
    "eolien": "Eolien",
    "hydraulique": "Hydraulique",
    "bio_energie": "Bio Energie",
    "cogeneration": "Cogénération",
    "autres": "Autres filières",
}
_FIGURES = [*(f"nb_sites_{key}" for key in _FILIERES), *(f"mwh_{key}" for key in _FILIERES)]
TABLES = {
    "enedis__production": spec(
        f"annee code_commune nom_commune code_epci code_departement domaine_de_tension {' '.join(_FIGURES)}",
        "code_commune",
        " ".join(name for name in _FIGURES if name.startswith("mwh_")),
    ),
}
_PLACE = (
    "Nom commune;Code commune;Nom EPCI;Code EPCI;Type EPCI;Nom département;Code département;Nom région;Code région;"
    "Domaine de tension"
)
_FIELDS = {
    "Année": "text",
    **dict.fromkeys(_PLACE.split(";"), "text"),
    **{
        title: "double"
        for name in _FILIERES.values()
        for title in (f"Nb sites {name} Enedis", f"Energie produite annuelle {name} Enedis (MWh)")
    },
    "Geo Point 2D": "text",
}


def _read(view: View, repeat: bool) -> list[dict[str, Any]]:
    records = []
    for row in view.rows("enedis__production", repeat=repeat):
        place = view.figures.communes.get(row["code_commune"])
        area = row["code_departement"]
        region = place["code_region"] if place else ""
        record: dict[str, Any] = dict.fromkeys(_FIELDS)
        record |= {
            "Année": row["annee"],
            "Nom commune": row["nom_commune"],
            "Code commune": row["code_commune"],
            "Nom EPCI": EPCI[row["code_epci"]][0] if row["code_epci"] in EPCI else None,
            "Code EPCI": row["code_epci"],
            "Nom département": DEPARTEMENTS.get(area),
            "Code département": area,
            "Nom région": REGIONS.get(region),
            "Code région": region or None,
            "Domaine de tension": row["domaine_de_tension"],
        }
        for key, name in _FILIERES.items():
            record[f"Nb sites {name} Enedis"] = number(row[f"nb_sites_{key}"])
            record[f"Energie produite annuelle {name} Enedis (MWh)"] = number(row[f"mwh_{key}"])
        records.append(record)
    return records


def _modified(ask: Ask) -> str:
    if altered(ask, ENEDIS.host, ENEDIS.ident, ("records", "exports/csv")):
        return f"{ask.today}T03:00:00+00:00"
    return "2018-03-15T09:12:00+00:00"


ENEDIS = Explored(
    host="data.enedis.fr",
    ident="production-electrique-par-filiere-a-la-maille-commune",
    main="Code commune",
    publisher="Enedis",
    title=lambda ask: "Production électrique par filière à la maille commune",
    modified=_modified,
    read=_read,
    fields=_FIELDS,
)
EXPLORED = (ENEDIS,)
