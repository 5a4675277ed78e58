"""Agence ORE: the former series by département, as the original file that data-fair hands back (`/raw`).

Header, separator and line ends are those of the real file. Suppressed cells are known here as one number a line:
they stand in the column of the sector « non affecté », only their sum means anything. What other regions consumed is
one line a year and energy. Not here: queries and answers (`flows.portal.datafair`).
"""

from __future__ import annotations

from flows.portal.datafair_sets import Fair
from flows.portal.figures import View, spec
from flows.portal.geo import DEPARTEMENTS, REGIONS
from flows.portal.payloads import Cell, Csv, words

_FIGURES = "consoa consoi consot consor consona consototale"
TABLES = {
    "ore__departements": spec(
        f"annee operateur filiere code_departement code_region {_FIGURES} nombre_mailles_secretisees",
        "code_departement",
        _FIGURES,
    ),
}
HEADER = words(
    "operateur;annee;filiere;consoa;pdla;nombre_maille_secretisees_a;indquala;consoi;pdli;nombre_maille_secretisees_i;"
    "indquali;consot;pdlt;nombre_maille_secretisees_t;indqualt;consor;pdlr;nombre_maille_secretisees_r;indqualr;"
    "consona;pdlna;nombre_maille_secretisees_na;indqualna;code_departement;libelle_departement;code_region;"
    "libelle_region;id_filiere;geom;consototale",
    ";",
)


def raw(view: View) -> Csv:
    """The original file: one line an operator, a year, an energy and a département."""
    lines: list[list[Cell]] = []
    for row in view.rows("ore__departements"):
        cells: dict[str, Cell] = dict.fromkeys((n for n in HEADER if n.startswith("nombre_maille")), "0")
        cells |= {
            **row,
            "nombre_maille_secretisees_na": row["nombre_mailles_secretisees"],
            "libelle_departement": DEPARTEMENTS.get(row["code_departement"], ""),
            "libelle_region": REGIONS.get(row["code_region"], ""),
            "id_filiere": "100" if row["filiere"] == "Electricité" else "200",
        }
        lines.append([cells.get(name, "") for name in HEADER])
    return Csv(HEADER, lines, ";", "\r\n")


SERIES = Fair(
    host="opendata.agenceore.fr",
    slug="conso-elec-gaz-annuelle-par-secteur-dactivite-agregee-departement",
    ident="h6d0mv-2011-2021",
    title="Consommation annuelle d'électricité et gaz par département et par secteur d'activité (2011-2021)",
    main="code_departement",
    table="ore__departements",
    schema={},
    read=lambda view, repeat: [],
    modified="2022-11-08",
    lines=False,
    raw=raw,
)
FAIRS = (SERIES,)
