"""LOVAC: vacant private dwellings by département behind data.gouv.fr, and the shares of 2021 by commune (Cerema).

Both are in Windows-1252, as published; the first pads its names and numbers with blanks and separates thousands. No
number of our communes is known in the open-data form, so the dataset lists no communal file here.
Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

from flows.portal.answers import Answer, Ask, text_answer
from flows.portal.datagouv_files import File
from flows.portal.figures import View, number, spec
from flows.portal.payloads import Cell, Csv

TABLES = {
    "lovac__parc_prive": spec(
        "niveau code libelle annee mesure valeur_brute", "code", "valeur_brute", ("niveau", "commune")
    ),
    "lovac__parts_communes": spec(
        "comm_insee nom_com nb_log_pp_2022 prop_logvac_pp_2a_010121",
        "comm_insee",
        "nb_log_pp_2022 prop_logvac_pp_2a_010121",
    ),
}
PATH = "/CEREMA/cartofriches/3e414b4a555b2bb6796cc19dac512a292d35a333/shinyapp/tauxvacance_communes_2021.csv"
_ORDER = ("pp_total", "pp_vacant", "pp_vacant_plus_2ans")


def _thousands(text: str) -> str:
    """A whole number with a blank between thousands; a marker or an empty text as it is."""
    value = number(text)
    return text if value is None else f"{value:,.0f}".replace(",", " ")


def departements(view: View) -> Csv:
    """One line a département, newest year first, a total only for years that have one."""
    rows = [row for row in view.rows("lovac__parc_prive") if row["niveau"] == "departement"]
    years = sorted({row["annee"] for row in rows}, reverse=True)
    known = {(row["mesure"], row["annee"]) for row in rows}
    columns = [(name, year) for year in years for name in _ORDER if (name, year) in known]
    lines: dict[str, list[Cell]] = {}
    seen: dict[tuple[str, str, str], int] = {}
    for row in rows:
        # A row repeated by a fault opens another line of the same département.
        key = (row["code"], row["mesure"], row["annee"])
        turn = seen[key] = seen.get(key, -1) + 1
        line = lines.setdefault(
            f"{row['code']}#{turn}", [f" {row['code']} ", f" {row['libelle']} "] + [""] * len(columns)
        )
        line[2 + columns.index((row["mesure"], row["annee"]))] = f" {_thousands(row['valeur_brute'])}   "
    header = [" DEP ", " LIB_DEP ", *(f" {name}_{year[2:]} " for name, year in columns)]
    return Csv(header, list(lines.values()), ";", "\n", encoding="cp1252")


def shares(view: View) -> Csv:
    """The file of Cerema: thousands apart, decimal comma, empty cells for secret."""
    lines: list[list[Cell]] = [
        [
            row["comm_insee"],
            row["nom_com"],
            _thousands(row["nb_log_pp_2022"]),
            row["prop_logvac_pp_2a_010121"].replace(".", ","),
        ]
        for row in view.rows("lovac__parts_communes")
    ]
    return Csv(
        ["comm_insee", "NOM_COM", "Nb_log_pp_2022", "Prop_logvac_pp_2A_010121"], lines, ";", "\n", encoding="cp1252"
    )


def raw(ask: Ask) -> Answer:
    """Answer of the file host of Cerema's repository."""
    if ask.path != PATH or ask.method not in ("GET", "HEAD"):
        return text_answer("404: Not Found", 404)
    return Answer(200, shares(ask.view), "text/plain", {}, "strong", "Prop_logvac_pp_2A_010121")


REPOSITORIES = {"/CEREMA/cartofriches/": raw}
FILES = (
    File(
        dataset="61816c6e23197bb34835228e",
        slug="logements-vacants-du-parc-prive-par-commune-departement-region-france",
        dataset_title="Logements vacants du parc privé par commune, département, région, France, de 2020 à 2025",
        organisation="Ministère chargé du Logement",
        licence="lov2",
        frequency="annual",
        resource="42a34c0a-7c97-4463-b00e-5913ea5f7077",
        title="Lovac_opendata_dep.csv",
        name="lovac_opendata_dep.csv",
        modified="2025-06-25T09:00:00",
        main=" DEP ",
        payload=departements,
        charset="",
    ),
)
