"""France Tiers-Lieux: SIMULATED answers to the census of third places, one CSV behind data.gouv.fr.

Drawn from a fixed seed: no place named here exists. Semicolons, decimal commas, upper-case column names; only the
columns seen in public readers of the file are reconstructed.

Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

from flows.portal.datagouv_files import File
from flows.portal.drawing import chance, count, places, scatter
from flows.portal.figures import Figures, Row, View, spec
from flows.portal.payloads import Csv, words

_COLUMNS = "code_commune nom ville code_postal longitude latitude date_ouverture"
_HEADER = words(
    "NOM DESCRI_COU ADRESSE CODPOST VILLE REGION_TL LATITUDE LONGITUDE DATE_OUV TYPE_STRUCTURE_GEST NOM_STRC_GEST "
    "INTERNET EMAIL TELEPHONE"
)


def simulate(figures: Figures) -> list[Row]:
    """Third places, about one for 24,000 inhabitants; one in five answered without its position."""
    rows: list[Row] = []
    for place in places(figures):
        draw = chance("tiers_lieux__recensement", place.code)
        for number in range(count(place.population, 24000, draw)):
            longitude, latitude = scatter(place, draw)
            located = draw.random() < 0.8
            rows.append(
                {
                    "code_commune": place.code,
                    "nom": f"Tiers-lieu simulé {number + 1} de {place.nom}",
                    "ville": place.nom,
                    "code_postal": f"{place.code[:2]}{draw.randrange(100, 990, 10)}",
                    "longitude": str(longitude) if located else "",
                    "latitude": str(latitude) if located else "",
                    "date_ouverture": str(draw.randint(2014, 2025)),
                }
            )
    return rows


TABLES = {"tiers_lieux__recensement": spec(_COLUMNS, "code_commune", "longitude latitude", simulate=simulate)}


def payload(view: View) -> Csv:
    """The identity sheet of the places."""
    lines = []
    for row in view.rows("tiers_lieux__recensement"):
        cells = {
            "NOM": row["nom"],
            "CODPOST": row["code_postal"],
            "VILLE": row["ville"],
            "REGION_TL": "Hauts-de-France",
            "LATITUDE": row["latitude"].replace(".", ","),
            "LONGITUDE": row["longitude"].replace(".", ","),
            "DATE_OUV": row["date_ouverture"],
        }
        lines.append([cells.get(name, "") for name in _HEADER])
    return Csv(_HEADER, lines, delimiter=";", bom=True)


FILES = (
    File(
        dataset="68b6c1d2e3f4a5b6c7d8e9f0",
        slug="recensement-des-tiers-lieux-en-france-2026",
        dataset_title="Recensement des tiers-lieux en France - 2026",
        organisation="France Tiers-Lieux",
        licence="lov2",
        frequency="irregular",
        resource="7d0a6a52-3f0c-4e7e-8c11-2b9c4d5e6f70",
        title="bdftl-2026-01-fiche-identite.csv",
        name="bdftl-2026-01-fiche-identite.csv",
        modified="2026-09-02T11:18:54",
        main="CODPOST",
        payload=payload,
    ),
)
