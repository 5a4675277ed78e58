"""Cerema: natural, agricultural and forest land consumed each year by commune, one wide national CSV.

Not here: hectares, cumulative budgets and trajectories (the warehouse). The flow `nafYYartZZ` runs from 1 January of
YY to 1 January of ZZ: `naf11art12` is the year 2011. Square metres, as published. The last year is provisional.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import table
from flows.sources.reading import number_of, one, text_of, wrong

# A new dataset is opened for each vintage: when this one is withdrawn, the next one has another id.
WANTED = datagouv.Wanted(
    dataset="6a01b9280dd2d45907e5fc61",
    title=r"conso[-_ ]?com",
    format="csv",
    expect="csv",
    withdrawn=(
        "chercher sur data.gouv.fr le jeu du nouveau millésime (un jeu par millésime) et remplacer son identifiant "
        "dans flows/sources/cerema.py."
    ),
)

SCHEMA = pa.schema(
    [
        ("idcom", pa.string()),
        ("idcomtxt", pa.string()),
        ("epci25", pa.string()),
        ("annee", pa.int64()),
        ("naf_m2", pa.float64()),
        ("surfcom_m2", pa.float64()),
    ]
)
_NEEDED = ("idcom", "idcomtxt", "iddep", "epci25", "surfcom2025")
_FLOW = re.compile(r"naf([0-9]{2})art([0-9]{2})")
fetch, probe = datagouv.whole_file(WANTED)  # about 35 MB


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a commune of the département and a year; m² consumed in the year, m² of the commune.

    Raises:
        DecodeError: a missing column, yearly columns that do not follow each other, a row cut short, no commune.
    """
    page = one(pages, "data")
    try:
        lines = csv.reader(io.TextIOWrapper(io.BytesIO(page.body), encoding="utf-8-sig", newline=""), strict=True)
        header = next(lines, [])
        places = {name: i for i, name in enumerate(header)}
        if missing := [name for name in _NEEDED if name not in places]:
            raise wrong(f"Il manque les colonnes {', '.join(missing)} : est-ce un nouveau millésime ?", page)
        flows = _flows(header, page)
        rows = []
        for number, cells in enumerate(lines, start=2):
            if len(cells) != len(header):
                raise wrong(f"La ligne {number} a {len(cells)} cellules au lieu de {len(header)}.", page)
            if cells[places["iddep"]] != departement:
                continue
            commune = {
                "idcom": cells[places["idcom"]].strip(),
                "idcomtxt": text_of(cells[places["idcomtxt"]]),
                "epci25": text_of(cells[places["epci25"]]),
                "surfcom_m2": number_of(cells[places["surfcom2025"]], page, f"ligne {number}, surfcom2025"),
            }
            for year, place in flows:
                value = number_of(cells[place], page, f"ligne {number}, {header[place]}")
                rows.append({**commune, "annee": year, "naf_m2": value})
    except UnicodeDecodeError as error:
        raise wrong("Le fichier n'est pas en UTF-8.", page, str(error)) from error
    except csv.Error as error:
        raise wrong("Le fichier n'est pas un CSV lisible.", page, str(error)) from error
    if not rows:
        raise wrong(f"Aucune commune du département {departement} dans le fichier.", page)
    return table(SCHEMA, rows, SCHEMA.names)


def _flows(header: Sequence[str], page: Page) -> list[tuple[int, int]]:
    """(year, position) of the yearly columns, oldest first; several-year totals such as `naf11art25` are left out."""
    pairs = [(int(m[1]), int(m[2]), i) for i, name in enumerate(header) if (m := _FLOW.fullmatch(name))]
    yearly = sorted((2000 + start, i) for start, end, i in pairs if end == start + 1)
    years = [year for year, _ in yearly]
    if not years or years != list(range(years[0], years[0] + len(years))):
        raise wrong(f"Les colonnes annuelles ne se suivent pas : {', '.join(map(str, years)) or 'aucune'}.", page)
    return yearly


def datasets(territory: Territory) -> list[Dataset]:
    """`cerema/consommation_enaf`."""
    return [
        Dataset(
            id="cerema/consommation_enaf",
            titre="Consommation d'espaces naturels, agricoles et forestiers par commune",
            editeur="Cerema",
            licence="lov2",
            attribution="Cerema, observatoire de l'artificialisation, d'après les fichiers fonciers",
            page=f"https://www.data.gouv.fr/datasets/{WANTED.dataset}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=19,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2025,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences="La dernière année est provisoire. Le domaine non cadastré n'est pas vu en entier.",
            probe=probe,
        )
    ]
