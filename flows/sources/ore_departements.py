"""Agence ORE: the former series of electricity and gas consumption by département and operator, 2011 to 2021.

Not here: sums by territory, and the series that replaced it in 2022 (ore.py), with which it must never be joined.
The original file is read (`/raw` of data-fair): semicolons, decimal point, one line an operator, a year and an
energy. Known traps, left to the warehouse: the transport network of electricity is absent in 2011; suppressed cells
are twenty times more numerous from 2018 on, so that totals are floors; the gas of power stations is included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datafair
from flows.sources.decoding import csv_rows, require, table
from flows.sources.decoding import text_of as utf8_of
from flows.sources.ore import HOST
from flows.sources.reading import number_of, one, text_of, whole_of, wrong

SLUG = "conso-elec-gaz-annuelle-par-secteur-dactivite-agregee-departement"
SECTORS = ("a", "i", "t", "r", "na")  # agriculture, industry, tertiary, housing, not assigned
_TEXTS = ("operateur", "filiere", "code_departement", "code_region")
_FIGURES = (*(f"conso{sector}" for sector in SECTORS), "consototale")
_CELLS = tuple(f"nombre_maille_secretisees_{sector}" for sector in SECTORS)

SCHEMA = pa.schema(
    [
        ("annee", pa.int64()),
        *((name, pa.string()) for name in _TEXTS),
        *((name, pa.float64()) for name in _FIGURES),
        ("nombre_mailles_secretisees", pa.int64()),
    ]
)


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The metadata, then the original file (`data`, about 2 MB)."""
    yield datafair.metadata(ctx.http, HOST, SLUG)
    yield ctx.http.get(f"{datafair.base(HOST, SLUG)}/raw", expect="csv", name="data")


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the data."""
    return datafair.updated_at(datafair.metadata(ctx.http, HOST, SLUG))


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row an operator, a year, an energy and a département: MWh by sector and in all, suppressed cells in all.

    Every département is kept: France is their sum. MWh, null where the cell is empty.

    Raises:
        DecodeError: a missing column (named), a row cut short, an unreadable year or figure, a doubled row, or
            sectors that do not add up to the total written on their line.
    """
    page = one(pages, "data")
    lines = csv_rows(utf8_of(page.body, page.address), delimiter=";", where=page.address)
    require(lines[0] if lines else (), ("annee", *_TEXTS, *_FIGURES, *_CELLS), page.address)
    rows: list[dict[str, object]] = []
    for number, cells in enumerate(lines, start=2):
        year = whole_of(cells["annee"], page, f"ligne {number}, annee")
        if year is None or not 2000 <= year <= 2100:
            raise wrong(f"« {cells['annee']} » n'est pas une année.", page, f"ligne {number}")
        row: dict[str, object] = {"annee": year, **{name: text_of(cells[name]) for name in _TEXTS}}
        figures = {name: number_of(cells[name], page, f"ligne {number}, {name}") for name in _FIGURES}
        parts = sum(figures[name] or 0.0 for name in _FIGURES[:-1])
        if abs(parts - (figures["consototale"] or 0.0)) > 1:
            raise wrong(
                f"Les secteurs font {parts:.2f} MWh et le total {cells['consototale']}.", page, f"ligne {number}"
            )
        cells_hidden = (whole_of(cells[name], page, f"ligne {number}, {name}") for name in _CELLS)
        rows.append({**row, **figures, "nombre_mailles_secretisees": sum(n or 0 for n in cells_hidden)})
    if not rows:
        raise wrong("Le fichier n'a aucune ligne.", page)
    keys = {(r["annee"], r["code_departement"], r["filiere"], r["operateur"]) for r in rows}
    if len(keys) != len(rows):
        raise wrong("Un opérateur est écrit deux fois pour la même année, la même énergie et le même lieu.", page)
    return table(SCHEMA, rows, ("annee", "code_departement", "filiere", "operateur"))


def datasets(territory: Territory) -> list[Dataset]:
    """`ore/departements`: a finished series, published once."""
    return [
        Dataset(
            id="ore/departements",
            titre="Consommation annuelle d'électricité et de gaz par département et par secteur, 2011-2021",
            editeur="Agence ORE",
            licence="lov2",
            attribution="Agence ORE, données des gestionnaires de réseaux d'électricité et de gaz",
            page=f"https://{HOST}/datasets/{SLUG}",
            periodicite="ponctuelle",
            periode_mois=0,  # replaced in 2022 by another series: no update is announced
            delai_mois=0,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("departement",),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("2011-2021", closed=True)],
            fetch=fetch,
            decode=decode,
            absences=(
                "Une maille couverte par le secret n'est pas comptée : les totaux sont des planchers. Les clients du "
                "réseau de transport d'électricité manquent en 2011."
            ),
            probe=probe,
            switched_off=(
                "Identifiant à confirmer : cette série, close en 2021, n'a pas été revue sur le portail de l'Agence "
                "ORE depuis qu'il a changé de logiciel."
            ),
        )
    ]
