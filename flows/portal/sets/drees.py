"""DREES: the accessibility workbooks, attached to an Explore dataset without records.

One sheet a year, eight title rows, the header on row 9, a row of units. Not here: answers (`flows.portal.explore`).
"""

from __future__ import annotations

from collections.abc import Callable

from flows.portal.answers import Answer, Ask
from flows.portal.explore_sets import XLSX, Attached, Explored, altered
from flows.portal.figures import View, number, spec
from flows.portal.payloads import Book, Cell, Sheet

TABLES = {
    "drees__apl_generalistes": spec(
        "annee code_commune commune apl apl_65 population_standardisee population_totale", "code_commune", "apl"
    ),
    "drees__apl_professions": spec(
        "annee profession code_commune commune apl population_standardisee population_totale", "code_commune", "apl"
    ),
}


def _drees_modified(ask: Ask) -> str:
    if altered(ask, DREES.host, DREES.ident, tuple(f"attachments/{name}" for name in DREES.attachments)):
        return f"{ask.today}T03:00:00+00:00"
    return "2026-02-17T10:24:05+00:00"


def apl_book(view: View) -> Book:
    """The APL workbook: a readme sheet, then one sheet a year found in the table."""
    sheets = [Sheet("Lisez-moi", [["Accessibilité potentielle localisée (APL) aux médecins généralistes"]])]
    rows = view.rows("drees__apl_generalistes")
    for year in sorted({row["annee"] for row in rows}):
        header: list[Cell] = [
            "Code commune INSEE",
            "Commune",
            "APL aux médecins généralistes",
            "APL aux médecins généralistes de 65 ans et moins ",
            f"Population standardisée {_before(year)} pour la médecine générale",
            f"Population totale {_before(year)}",
        ]
        unit = "nombre de consultations/visites accessibles par an par habitant standardisé"
        units: list[Cell] = ["", "", unit, unit, "habitants", "habitants"]
        lines: list[list[Cell]] = [
            [f"Accessibilité potentielle localisée aux médecins généralistes en {year}"],
            [],
            ["Champ : France hors Mayotte."],
            ["Sources : Cnam, SNDS ; Insee ; Drees."],
            [],
            [],
            [],
            [],
            header,
            units,
        ]
        for row in rows:
            if row["annee"] == year:
                figures = ("apl", "apl_65", "population_standardisee", "population_totale")
                lines.append([row["code_commune"], row["commune"], *(number(row[name]) for name in figures)])
        sheets.append(Sheet(f"APL {year}", lines, codes=8))
    return Book(sheets)


def _before(year: str) -> str:
    return str(int(year) - 2)


def _apl_answer(ask: Ask) -> Answer:
    name = "Indicateur d'accessibilité potentielle localisée (APL) aux médecins généralistes.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name.encode("ascii", "ignore").decode()}"'}
    return Answer(200, apl_book(ask.view), XLSX, headers, main="Code commune INSEE")


PROFESSIONS = {  # as the table names them → name of the workbook, words of its header and their gender
    "chirurgiens_dentistes": ("indicateur_d_apl_aux_chirurgiens_dentistes_xlsx", "chirurgiens-dentistes", ""),
    "infirmieres": ("indicateur_d_apl_aux_infirmieres_xlsx", "infirmières", ""),
    "sages_femmes": ("indicateur_d_apl_aux_sages_femmes_xlsx", "sages-femmes", "féminine "),
}


def professions_book(view: View, profession: str) -> Book:
    """The workbook of one profession: one sheet a year, nine title and note rows, the header, a row of units."""
    _, said, gender = PROFESSIONS[profession]
    rows = [row for row in view.rows("drees__apl_professions") if row["profession"] == profession]
    sheets = []
    for year in sorted({row["annee"] for row in rows}):
        header: list[Cell] = [
            "Code commune INSEE",
            "Commune",
            f"APL aux {said}",
            f"Population {gender}standardisée {_before(year)} pour les {said}",
            f"Population totale {_before(year)}",
        ]
        people = "habitantes standardisées" if gender else "habitants standardisés"
        lines: list[list[Cell]] = [
            [f"Indicateur d'accessibilité potentielle localisée (APL) {year} aux {said}"],
            [f"Millésime : {year}"],
            *([] for _ in range(7)),
            header,
            ["", "", f"En ETP pour 100 000 {people}", f"En nombre d'{people}", "En nombre d'habitants"],
        ]
        figures = ("apl", "population_standardisee", "population_totale")
        lines += [
            [row["code_commune"], row["commune"], *(number(row[name]) for name in figures)]
            for row in rows
            if row["annee"] == year
        ]
        sheets.append(Sheet(f"APL {year}", lines, codes=9))
    return Book(sheets)


def _professions_answer(profession: str) -> Callable[[Ask], Answer]:
    return lambda ask: Answer(200, professions_book(ask.view, profession), XLSX, {}, main="Code commune INSEE")


APL = "indicateur_d_apl_aux_medecins_generalistes_xlsx"
DREES = Explored(
    host="data.drees.solidarites-sante.gouv.fr",
    ident="530_l-accessibilite-potentielle-localisee-apl",
    main="attachments",
    publisher="DREES",
    title=lambda ask: "L'accessibilité potentielle localisée (APL)",
    modified=_drees_modified,
    read=lambda view, repeat: [],
    attachments={
        APL: Attached("Indicateur d'APL aux médecins généralistes.xlsx", XLSX, _apl_answer),
        **{
            ident: Attached(f"Indicateur d'APL aux {said}.xlsx", XLSX, _professions_answer(name))
            for name, (ident, said, _) in PROFESSIONS.items()
        },
    },
)
EXPLORED = (DREES,)
