"""RPLS: the detailed archive behind data.gouv.fr, one row a dwelling, simulated.

No number of dwellings by commune and year of first letting is known: programmes are drawn from a fixed seed, more
often where more people live, and each becomes as many rows as dwellings. Columns are those that public projects read;
addresses are left out. Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

import random

from flows.portal.datagouv_files import File
from flows.portal.figures import Figures, Row, View, number, spec
from flows.portal.payloads import Archive, Cell, Csv, words

_STATE = 2025
_YEARS = range(2014, _STATE)
_A_YEAR = 0.0011  # dwellings first let in a year for an inhabitant
_HEADER = words("DROIT DEPCOM LIBCOM TYPECONST NBPIECE SURFHAB CONSTRUCT LOCAT PATRIMOINE FINAN CONV")


def simulated_lettings(figures: Figures) -> list[Row]:
    """Dwellings first let, by commune and year: a few programmes, none in most years of a small commune."""
    rows: list[Row] = []
    for code, place in figures.communes.items():
        draw = random.Random(f"rpls__mises_en_service:{code}")
        people = float(number(place["population"]) or 0)
        size = max(4.0, people * _A_YEAR * 1.6)
        for year in _YEARS:
            if draw.random() < min(0.8, people * _A_YEAR / size):
                let = max(1, round(size * draw.uniform(0.4, 1.6)))
                rows.append(
                    {"code_commune": code, "annee": str(year), "logements": str(let), "millesime": str(_STATE)}
                )
    return rows


TABLES = {
    "rpls__mises_en_service": spec(
        "code_commune annee logements millesime", "code_commune", "logements", simulate=simulated_lettings
    ),
}


def archive(view: View) -> Archive:
    """The archive of the year: one CSV."""
    lines: list[list[Cell]] = []
    for row in view.rows("rpls__mises_en_service"):
        place = view.figures.communes.get(row["code_commune"])
        known = {"DEPCOM": row["code_commune"], "LIBCOM": place["nom"] if place else "", "LOCAT": row["annee"]}
        line: list[Cell] = [known.get(name, "") for name in _HEADER]
        lines += [line] * int(float(row["logements"] or 0))
    return Archive([(f"RPLS{_STATE}_logement.csv", Csv(_HEADER, lines, ";"))])


FILES = (
    File(
        dataset="5f6b3d0a8b4c4100c1e2d3b7",
        slug="donnees-detaillees-au-logement-du-repertoire-des-logements-locatifs-des-bailleurs-sociaux-rpls",
        dataset_title="Données détaillées au logement du répertoire des logements locatifs sociaux (RPLS)",
        organisation="Ministère chargé du Logement",
        licence="lov2",
        frequency="annual",
        resource="7d3f0c52-1b1e-4c1d-9c55-6d5b1c9f2a04",
        title=f"RPLS {_STATE} - données détaillées au logement",
        name=f"rpls{_STATE}logement.zip",
        modified="2026-01-20T09:00:00",
        main="LOCAT",
        payload=archive,
    ),
)
