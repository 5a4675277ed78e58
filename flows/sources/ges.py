"""Territorial inventory of greenhouse gases by commune (IGT 2016, ADEME and Citepa), one national CSV.

Not here: totals, and what belongs to them (the warehouse): « CO2 biomasse hors-total » and « Autres transports
international » stand outside the total, and an empty cell is not a zero. A single year was ever published;
« Energie » and « Industrie hors-énergie » are largely spread pro rata, so a small commune says little.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import csv_rows, require, table, text_of
from flows.sources.reading import commune_of, number_of, one, plain, wrong

# The slug is cited by several public projects; the title of the file on data.gouv.fr was not seen (docs/sources.md).
WANTED = datagouv.Wanted(
    dataset="inventaire-de-gaz-a-effet-de-serre-territorialise",
    title=r"rechauffement",
    format="csv",
    expect="csv",
    withdrawn=(
        "demander le fichier à l'ADEME (data.ademe.fr, « IGT - Pouvoir de réchauffement global ») ; l'édition déjà "
        "reçue reste publiée."
    ),
)

# landed column → header of the file, compared without accents and in lower case
_COLUMNS = {
    "insee_commune": "insee commune",
    "commune": "commune",
    "agriculture": "agriculture",
    "autres_transports": "autres transports",
    "autres_transports_international": "autres transports international",
    "co2_biomasse_hors_total": "co2 biomasse hors-total",
    "dechets": "dechets",
    "energie": "energie",
    "industrie_hors_energie": "industrie hors-energie",
    "residentiel": "residentiel",
    "routier": "routier",
    "tertiaire": "tertiaire",
}
_TEXTS = ("insee_commune", "commune")
SCHEMA = pa.schema([(name, pa.string() if name in _TEXTS else pa.float64()) for name in _COLUMNS])
fetch, probe = datagouv.whole_file(WANTED)  # about 6 MB


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a commune of the département; tonnes of CO2 equivalent in 2016 by sector, null where nothing stands.

    Raises:
        DecodeError: not a CSV, another header, a doubled commune, unreadable figures, no commune at all.
    """
    page = one(pages, "data")
    rows = []
    lines = csv_rows(text_of(page.body, page.address), delimiter=",", where=page.address)
    header = {plain(name): name for name in (lines[0] if lines else {})}
    require(header, _COLUMNS.values(), page.address)
    for number, cells in enumerate(lines, start=2):
        code = commune_of(cells[header[_COLUMNS["insee_commune"]]])
        if code is None or not code.startswith(departement):
            continue
        row: dict[str, object] = {"insee_commune": code}
        for name, head in _COLUMNS.items():
            cell = cells[header[head]]
            if name == "commune":
                row[name] = cell.strip() or None
            elif name not in _TEXTS:
                row[name] = number_of(cell, page, f"ligne {number}, {name}")
        rows.append(row)
    if not rows:
        raise wrong(f"Aucune commune du département {departement} dans le fichier.", page)
    if len({row["insee_commune"] for row in rows}) != len(rows):
        raise wrong("Une commune est écrite deux fois.", page)
    return table(SCHEMA, rows, SCHEMA.names)


def datasets(territory: Territory) -> list[Dataset]:
    """`ges/inventaire_communal`: the only year published, 2016, closed."""
    return [
        Dataset(
            id="ges/inventaire_communal",
            titre="Inventaire de gaz à effet de serre territorialisé (IGT), année 2016",
            editeur="ADEME, Citepa",
            licence="lov2",
            attribution="ADEME et Citepa, inventaire de gaz à effet de serre territorialisé 2016",
            page=f"https://www.data.gouv.fr/datasets/{WANTED.dataset}/",
            periodicite="ponctuelle",
            periode_mois=0,  # published once: no update is announced
            delai_mois=0,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2019,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("2016", closed=True)],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences="Une case vide dit qu'aucune émission n'est écrite pour ce secteur, pas qu'elle est nulle.",
            probe=probe,
            # The file's title and licence were never seen; its address in the demonstration is rebuilt from the slug.
            reserve="Adresse, titre et licence à confirmer à la première réception réelle.",
        )
    ]
