"""SDES: a DiDo catalogue of two datasets and one file, heat networks by commune, with SIMULATED deliveries.

Envelope, paging by empty strings, `secret` inside a numeric column and the options of the CSV are known (contract
§2.4); titles of the files, columns and figures are not: which communes have a network, and what it delivers, is drawn
from a fixed seed among the larger communes. Not here: HTTP (`flows.portal.server`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from flows.portal.answers import Answer, Ask, json_answer
from flows.portal.figures import Figures, Row, spec
from flows.portal.payloads import Csv

HOST = "data.statistiques.developpement-durable.gouv.fr"
TABLE = "sdes__chaleur"
RID = "0d1f5a52-de40-4c55-9c1e-5d1a7c0e2044"
MILLESIME = "2025-09"
YEARS = range(2019, 2025)
COLUMNS = {"ANNEE": "annee", "COMMUNE_CODE": "commune_code", "COMMUNE_LIBELLE": "commune_libelle"} | {
    "LIVRAISON_MWH": "livraison_brute",
    "NB_RESEAUX": "nb_reseaux",
}
_SMALLEST = 14_000  # inhabitants: below, no network is drawn


def simulated(figures: Figures) -> Sequence[Row]:
    """One row a year and a commune that has a network: about one MWh an inhabitant, one commune always secret."""
    rows = []
    large = [c for c in figures.communes.values() if int(c["population"]) >= _SMALLEST]
    for rank, commune in enumerate(large):
        draw = random.Random(f"{TABLE}/{commune['code']}")
        level = int(commune["population"]) * draw.uniform(0.5, 1.2)
        for year in YEARS:
            delivered = level * (1 + 0.03 * (year - YEARS[0])) * draw.uniform(0.92, 1.08)
            rows.append(
                {
                    "annee": str(year),
                    "commune_code": commune["code"],
                    "commune_libelle": commune["nom"],
                    "livraison_brute": "secret" if rank == 0 else f"{delivered:.1f}",
                    "nb_reseaux": "1",
                }
            )
    return sorted(rows, key=lambda row: (row["annee"], row["commune_code"]))


TABLES = {TABLE: spec(" ".join(COLUMNS.values()), "commune_code", "livraison_brute", None, simulated)}


def answer(ask: Ask) -> Answer:
    """Answer of DiDo to one request."""
    parts = ask.parts("/dido/api/v1/") if ask.path.startswith("/dido/api/v1/") else []
    if ask.method not in ("GET", "HEAD"):
        return json_answer({"error": "Method Not Allowed"}, status=405)
    match parts:
        case ["datasets"]:
            return json_answer(_catalogue(ask), main="data")
        case ["datafiles", ident, "csv"] if ident == RID and ask.get("millesime", MILLESIME) == MILLESIME:
            return Answer(200, _lines(ask), "text/csv; charset=utf-8", {}, "", "COMMUNE_CODE")
    return json_answer({"error": "Not Found"}, status=404)


def _lines(ask: Ask) -> Csv:
    operator, _, wanted = ask.get("COMMUNE_CODE").partition(":")
    tests: dict[str, Callable[[str], bool]] = {
        "startsWith": lambda code: code.startswith(wanted),
        "eq": lambda code: code == wanted,
        "in": lambda code: code in wanted.split(","),
    }
    test = tests.get(operator, lambda code: True)
    rows = [row for row in ask.view.rows(TABLE) if test(row["commune_code"])]
    header = list(COLUMNS) if ask.get("withColumnName") == "true" else []
    return Csv(header, [[_cell(row, name) for name in COLUMNS.values()] for row in rows], ";", "\n", False, "text")


def _cell(row: Row, name: str) -> str | float:
    text = row[name]
    return float(text) if name == "livraison_brute" and text != "secret" else text


def _catalogue(ask: Ask) -> dict[str, Any]:
    moment = f"{ask.today}T03:00:00.000Z" if _altered(ask) else "2025-09-30T08:00:00.000Z"
    columns = [{"name": n, "description": n, "type": "string", "unit": "n/a", "filters": ["eq"]} for n in COLUMNS]
    millesime = {
        "millesime": MILLESIME,
        "date_diffusion": moment,
        "rows": len(ask.view.figures.table(TABLE)),
        "columns": columns,
        "extendedFilters": [],
        "geoFields": [],
        "refs": [],
    }
    heat = {
        "rid": RID,
        "title": "Réseaux de chaleur : livraisons par commune",
        "last_modified": moment,
        "millesimes": [millesime],
    }
    other = {"id": "5d1a7c0e20445d1a7c0e2044", "title": "Parc de véhicules", "datafiles": [], "attachments": []}
    local = {
        "id": "5d1a7c0e20445d1a7c0e2045",
        "title": "Données locales de consommation d'énergie",
        "license": "fr-lo",
        "last_modified": moment,
        "attachments": [],
        "datafiles": [heat],
    }
    # The ends of the paging are empty texts, not nulls.
    ends = {"firstPage": f"https://{HOST}/dido/api/v1/datasets", "previousPage": "", "nextPage": "", "lastPage": ""}
    return {"total": 2, "data": [other, local], **ends, "page": 1, "pageSize": "all"}


def _altered(ask: Ask) -> bool:
    return ask.view.at(HOST, f"/dido/api/v1/datafiles/{RID}/csv").altered


ROUTES = {HOST: answer}
