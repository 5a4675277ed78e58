"""FINESS: two files behind data.gouv.fr (no header, records told apart by their first cell) and the re-exposed one.

The establishments are simulated: no list of those of the 82 communes is known to the project. Homes and places follow
the population of each commune, from a fixed seed; the rest of the département is a list of made-up homes in a few of
its towns, so that a sum over it means something. Names, numbers and addresses are invented and say so.

Not here: discovery (`flows.portal.datagouv`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from flows.portal.answers import Answer, Ask, empty_answer, text_answer
from flows.portal.datagouv_files import File
from flows.portal.figures import Figures, Row, View, spec
from flows.portal.payloads import Cell, Csv, words

HOST = "data-pipeline-open.s3.sbg.io.cloud.ovh.net"
DAY = "2026-05-12"
_LABELS = {
    "500": "Etablissement d'hébergement pour personnes âgées dépendantes",
    "202": "Résidences autonomie",
    "603": "Maison de santé (L.6223-3)",
    "620": "Pharmacie d'Officine",
}
_ELSEWHERE = words("59009 59017 59122 59178 59183 59350 59392 59512 59599 59650")
_ELSEWHERE_PEOPLE = 2_260_000  # about the population of the département outside the 82 communes
_STOCK = words(
    "nofinesset nofinessej rs rslongue complrs compldistrib numvoie typvoie voie compvoie lieuditbp commune "
    "departement libdepartement ligneacheminement telephone telecopie categetab libcategetab categagretab "
    "libcategagretab siret codeape codemft libmft codesph libsph dateouv dateautor datemaj numuai"
)


def simulated(figures: Figures) -> list[Row]:
    """Establishments: one home for about 7,000 inhabitants, a résidence autonomie for 9,000, pharmacies, maisons."""
    draw = random.Random("finess__etablissements")
    rows: list[Row] = []
    people = [(code, int(row["population"])) for code, row in figures.communes.items()]
    share = _ELSEWHERE_PEOPLE // len(_ELSEWHERE)
    for code, inhabitants in [*people, *((code, share) for code in _ELSEWHERE)]:
        for category, size, places in (("500", 7_000, (60, 110)), ("202", 9_000, (30, 80))):
            rows += _homes(draw, code, category, inhabitants / size, places)
        for category, size in (("620", 3_000), ("603", 12_000)):
            rows += _homes(draw, code, category, inhabitants / size, None)
    return [{**row, "nofinesset": f"59{9_000_000 + i:07d}"[:9]} for i, row in enumerate(rows)]


def _homes(
    draw: random.Random, code: str, category: str, expected: float, places: tuple[int, int] | None
) -> Iterator[Row]:
    count = int(expected) + (draw.random() < expected % 1)
    for _ in range(count):
        yield {
            "nofinesset": "",
            "code_commune": code,
            "categorie": category,
            "libelle_categorie": _LABELS[category],
            "date_ouverture": f"{draw.randint(1965, 2019)}-0{draw.randint(1, 9)}-01",
            "places": str(draw.randint(*places)) if places else "",
            "date_etat": DAY,
        }


TABLES = {
    "finess__etablissements": spec(
        "nofinesset code_commune categorie libelle_categorie date_ouverture places date_etat",
        "code_commune",
        "places",
        simulate=simulated,
    ),
}


def establishments(view: View) -> list[dict[str, Cell]]:
    """Establishments by the names of the file; what the demonstration does not know is empty."""
    return [
        {
            "nofinesset": row["nofinesset"],
            "nofinessej": "590000000",
            "rs": "ETABLISSEMENT SIMULE",
            "rslongue": 'ETABLISSEMENT SIMULE ; NOM "DE DEMONSTRATION"',
            "commune": row["code_commune"][2:],
            "departement": row["code_commune"][:2],
            "libdepartement": "NORD",
            "categetab": row["categorie"],
            "libcategetab": row["libelle_categorie"],
            "dateouv": row["date_ouverture"],
            "dateautor": "1900-01-01",
            "datemaj": DAY,
        }
        for row in view.rows("finess__etablissements")
    ]


def stock(view: View) -> Csv:
    """`cs1100502`: the record that dates it stands where a header would."""
    lines = [["structureet", *(row.get(name, "") for name in _STOCK)] for row in establishments(view)]
    return Csv(["finess", "etalab", "111", DAY], lines, ";")


def equipment(view: View) -> Csv:
    """`cs1100505`: an entry by establishment, its lodging (in two records for homes), and one that was withdrawn."""
    lines: list[list[Cell]] = []
    for row in view.rows("finess__etablissements"):
        lines.append(["structureet", row["nofinesset"], "590000000"])
        if not row["places"]:
            continue
        whole = int(row["places"])
        temporary = whole // 20
        lines.append(_equipment(row["nofinesset"], "924", "11", whole - temporary))
        lines.append(_equipment(row["nofinesset"], "657", "11", temporary))
        lines.append(_equipment(row["nofinesset"], "924", "21", 12))  # day care: not lodging
        lines.append(_equipment(row["nofinesset"], "924", "11", 40, withdrawn=True))
    return Csv(["finess", "etalab", "114", DAY], lines, ";")


def _equipment(number: str, discipline: str, activity: str, places: int, *, withdrawn: bool = False) -> list[Cell]:
    cells: list[Cell] = [""] * 28
    cells[:6] = ["equipementsocial", number, discipline, "Accueil pour Personnes Agées", activity, "Hébergement"]
    cells[6:8] = ["711", "P.A. dépendantes"]
    cells[9] = cells[18] = places
    cells[15] = cells[24] = "O" if withdrawn else "N"
    return cells


def answer(ask: Ask) -> Answer:
    """The re-exposed establishments: the same names under a header, with coordinates."""
    if ask.path != "/finess/finess_etablissements.csv":
        return text_answer("<Error><Code>NoSuchKey</Code></Error>", 404, content_type="application/xml")
    if ask.method not in ("GET", "HEAD"):
        return empty_answer(405)
    header = [*_STOCK, "coordxet", "coordyet", "sourcecoordet", "datemaj_geoloc"]
    lines = [[row.get(name, "") for name in header] for row in establishments(ask.view)]
    return Answer(200, Csv(header, lines, ";"), "text/csv", main="nofinesset")


ROUTES = {HOST: answer}
FILES = tuple(
    File(
        dataset=dataset,
        slug=slug,
        dataset_title=title,
        organisation="Agence du numérique en santé",
        licence="lov2",
        frequency="bimonthly",
        resource=resource,
        title=f"etalab-{name}-stock-20260512-0339.csv",
        name=f"etalab-{name}-stock-20260512-0339.csv",
        modified="2026-05-12T03:39:00",
        main="finess",
        payload=payload,
    )
    for dataset, slug, title, resource, name, payload in (
        (
            "53699569a3a729239d2046eb",
            "finess-extraction-du-fichier-des-etablissements",
            "FINESS Extraction du Fichier des établissements",
            "2ce43ade-8d2c-4d1d-81da-ca06c82abc68",
            "cs1100502",
            stock,
        ),
        (
            "53699569a3a729239d2046ec",
            "finess-extraction-des-equipements-sociaux-et-medico-sociaux",
            "FINESS Extraction des équipements sociaux et médico-sociaux",
            "5fc6e1f2-3b6b-4a63-9f0e-3f1f6b0c7a55",
            "cs1100505",
            equipment,
        ),
    )
)
