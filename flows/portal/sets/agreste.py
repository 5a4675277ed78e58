"""agreste.agriculture.gouv.fr: utilised agricultural area by commune (census of 2020), a workbook in an archive.

The real member is an OpenDocument workbook; it is written here in the other open format, which the same reader opens.
The beginnings of the titles are those that clients rely on; the rest of each title is reconstructed. Not here: any
other publication of that host.
"""

from __future__ import annotations

from flows.portal.answers import Answer, Ask, text_answer
from flows.portal.figures import number, spec
from flows.portal.payloads import Archive, Book, Cell, Sheet

HOST = "agreste.agriculture.gouv.fr"
PATH = "/agreste-web/download/publication/publie/RA2020_1013/RA2020_1013_SAU_Communes.zip"
FIGURES = ("sau_ha", "cereales_oleoproteagineux_ha", "prairies_ha", "cultures_permanentes_ha")
TABLES = {
    "agreste__sau_communes": spec(f"annee code_commune {' '.join(FIGURES)}", "code_commune", " ".join(FIGURES)),
}
HEADER: list[Cell] = [
    "CODE_COM",
    "LIB_COM",
    "SAU (ha)",
    "Surfaces céréales et oléoprotéagineux (ha)",
    "Surfaces prairies (ha)",
    "Surfaces cultures permanentes (ha)",
]


def answer(ask: Ask) -> Answer:
    """The archive, and nothing else."""
    if ask.path != PATH or ask.method not in ("GET", "HEAD"):
        return text_answer("<html><head><title>404 Not Found</title></head></html>\n", 404, content_type="text/html")
    lines: list[list[Cell]] = [HEADER]
    for row in ask.view.rows("agreste__sau_communes"):
        name = ask.view.figures.communes.get(row["code_commune"], {}).get("nom", "")
        lines.append([row["code_commune"], name, *(number(row[column]) for column in FIGURES)])
    book = Book([Sheet("Lisez-moi", [["Recensement agricole 2020"]]), Sheet("SAU_Communes", lines)])
    payload = Archive([("RA2020_1013_SAU_Communes.xlsx", book)])
    return Answer(200, payload, "application/zip", main="CODE_COM")


ROUTES = {HOST: answer}
