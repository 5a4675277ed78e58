"""Greenhouse gases by commune (ADEME, CITEPA, 2016): one CSV behind data.gouv.fr.

Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

from flows.portal.datagouv_files import File
from flows.portal.figures import View, spec
from flows.portal.payloads import Csv

_SECTORS = (
    "agriculture autres_transports autres_transports_international co2_biomasse_hors_total dechets energie "
    "industrie_hors_energie residentiel routier tertiaire"
)

TABLES = {
    "ges__inventaire_communal": spec(f"insee_commune commune {_SECTORS}", "insee_commune", _SECTORS),
}

GES_COLUMNS = {
    "INSEE commune": "insee_commune",
    "Commune": "commune",
    "Agriculture": "agriculture",
    "Autres transports": "autres_transports",
    "Autres transports international": "autres_transports_international",
    "CO2 biomasse hors-total": "co2_biomasse_hors_total",
    "Déchets": "dechets",
    "Energie": "energie",
    "Industrie hors-énergie": "industrie_hors_energie",
    "Résidentiel": "residentiel",
    "Routier": "routier",
    "Tertiaire": "tertiaire",
}


def ges(view: View) -> Csv:
    """Greenhouse gases by commune and sector, tCO2e; an empty cell is a sector without emission."""
    lines = [[row[name] for name in GES_COLUMNS.values()] for row in view.rows("ges__inventaire_communal")]
    return Csv(list(GES_COLUMNS), lines)


FILES = (
    File(
        dataset="5f3a1c0d8b4c4100c1e2d3a4",
        slug="inventaire-de-gaz-a-effet-de-serre-territorialise",
        dataset_title="Inventaire de gaz à effet de serre territorialisé",
        organisation="ADEME",
        licence="lov2",
        frequency="unknown",
        resource="3c2e5a7b-6d0f-4f1a-9b8c-7e6d5c4b3a21",
        title="IGT - Pouvoir de réchauffement global",
        name="igt-pouvoir-de-rechauffement-global.csv",
        modified="2019-11-05T10:00:00",
        main="INSEE commune",
        payload=ges,
    ),
)
