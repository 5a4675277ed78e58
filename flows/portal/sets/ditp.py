"""Baromètre des résultats de l'action publique: the three CSV files of its open repository that are read.

Columns are those of the files seen. Not here: every other file of that host.
"""

from __future__ import annotations

import re

from flows.portal.answers import Answer, Ask, text_answer
from flows.portal.figures import spec
from flows.portal.geo import DEPARTEMENTS, REGIONS
from flows.portal.payloads import Cell, Csv

TABLES = {"ditp__barometre": spec("id_indicateur niveau code date valeur unite", "code", "valeur")}
_PATH = re.compile(
    r"/etalab/barometre-resultats-donnees/[0-9a-f]{40}/"
    r"(?:departements/detail/barometre-resultats-detail-departement-(?P<departement>\w{2,3})"
    r"|barometre-resultats-detail-(?P<scope>regional|national))\.csv"
)
_SCOPES = {"regional": "region", "national": "france"}
_WORDS = {"surface-agriculture-biologique": "Surface agricole cultivée en agriculture biologique"}


def answer(ask: Ask) -> Answer:
    """One of the three files; a département that the demonstration does not know is not there."""
    found = _PATH.fullmatch(ask.path)
    if found is None or ask.method not in ("GET", "HEAD") or found["departement"] not in (None, *DEPARTEMENTS):
        return text_answer("404: Not Found", 404)
    niveau = _SCOPES.get(found["scope"] or "", "departement")
    names = {"departement": DEPARTEMENTS, "region": REGIONS}.get(niveau)
    header = ["mesure", "indicateur", "id_indicateur", "date", "valeur", "unite"]
    if names:
        header[3:3] = [f"code_{niveau}", f"libelle_{niveau}"]
    lines: list[list[Cell]] = []
    for row in ask.view.rows("ditp__barometre"):
        if row["niveau"] == niveau:
            label = _WORDS.get(row["id_indicateur"], row["id_indicateur"])
            place = [row["code"], names.get(row["code"], "")] if names else []
            lines.append([label, label, row["id_indicateur"], *place, row["date"], row["valeur"], row["unite"]])
    return Answer(200, Csv(header, lines), "text/plain; charset=utf-8", main="id_indicateur")


REPOSITORIES = {"/etalab/barometre-resultats-donnees/": answer}
