"""Shared car trips by EPCI and year, one CSV behind data.gouv.fr.

The four columns are those of the dashboard's own extract; the address, the identifiers and the title of the file are
reconstructed. Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

from flows.portal.datagouv_files import File
from flows.portal.figures import View, spec
from flows.portal.payloads import Csv

TABLES = {"rpc__trajets_epci": spec("annee territoryid lieu valeur", "territoryid", "valeur")}
HEADER = ["annee", "lieu", "valeur", "territoryid"]


def trips(view: View) -> Csv:
    """One row an EPCI and a year; counts are written with a decimal, as the extract does."""
    return Csv(HEADER, [[row[name] for name in HEADER] for row in view.rows("rpc__trajets_epci")])


FILES = (
    File(
        dataset="65a1f0c2b7d94e3f8a6c2d10",
        slug="registre-de-preuve-de-covoiturage-trajets-par-epci",
        dataset_title="Trajets de covoiturage par intercommunalité",
        organisation="Ministère de la transition écologique",
        licence="lov2",
        frequency="annual",
        resource="2f9b6d4e-8c1a-4e7d-b3f5-0a9c7e6d5b41",
        title="Trajets par EPCI",
        name="trajets-epci.csv",
        modified="2025-06-12T08:00:00",
        main="valeur",
        payload=trips,
    ),
)
