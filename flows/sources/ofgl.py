"""OFGL: accounts of groupings, départements and regions, chosen aggregates, in euros and per inhabitant.

Explore v2.1 exports in CSV. Aggregates nest: « Dépenses
d'équipement » and « Subventions d'équipement versées » are parts of « Dépenses d'investissement », never added to it.
The population is OFGL's own (total, not municipal). The newest accounts may still be completed by the publisher.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import explore
from flows.sources.decoding import table
from flows.sources.reading import number_of, one, text_of, whole_of, wrong

HOST = "data.ofgl.fr"
AGGREGATES = ("Dépenses d'investissement", "Dépenses d'équipement", "Subventions d'équipement versées")
FIRST_YEAR = 2018  # the consolidated accounts of groupings begin here


@dataclass(frozen=True)
class Level:
    """One dataset of OFGL: `niveau` of the house, its columns of code and name, and a filter of its own."""

    niveau: str
    slug: str
    code: str
    name: str
    only: str = ""


# The consolidated base of groupings merges a main budget and its annexes; the two others list budgets apart.
LEVELS = (
    Level("epci", "ofgl-base-gfp-consolidee", "epci_code", "epci_name"),
    Level("departement", "ofgl-base-departements", "dep_code", "dep_name", 'type_de_budget="Budget principal"'),
    Level("region", "ofgl-base-regions", "reg_code", "reg_name", 'type_de_budget="Budget principal"'),
)
SCHEMA = pa.schema(
    [
        ("niveau", pa.string()),
        ("code", pa.string()),
        ("nom", pa.string()),
        ("exer", pa.int64()),
        ("agregat", pa.string()),
        ("montant", pa.float64()),
        ("ptot", pa.int64()),
        ("euros_par_habitant", pa.float64()),
    ]
)
_FIGURES = ("exer", "agregat", "montant", "ptot", "euros_par_habitant")


def codes(territory: Territory, niveau: str) -> tuple[str, ...]:
    """Codes of the territory and of its references at one level."""
    own = {"epci": territory.epcis_compares, "departement": (territory.departement,), "region": (territory.region,)}[
        niveau
    ]
    return tuple(dict.fromkeys([*own, *(code for level, code, _ in territory.references if level == niveau)]))


def where_of(level: Level, territory: Territory) -> str:
    """The `where` clause of a level: its codes, the aggregates kept, its own filter."""
    places = ", ".join(f'"{code}"' for code in codes(territory, level.niveau))
    kept = ", ".join(f'"{name}"' for name in AGGREGATES)
    clauses = [f"{level.code} in ({places})", f"agregat in ({kept})", level.only]
    return " and ".join(clause for clause in clauses if clause)


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """For each level the count of its rows (`count-<niveau>`) and the rows themselves (`export-<niveau>`).

    Raises:
        SourceContentError: an export that is not whole, or a level without a row.
    """
    for level in LEVELS:
        where = where_of(level, ctx.territory)
        counted = explore.count(ctx.http, HOST, level.slug, where, f"count-{level.niveau}")
        select = (level.code, level.name, *_FIGURES)
        export = explore.csv_export(
            ctx.http, HOST, level.slug, select=select, where=where, name=f"export-{level.niveau}"
        )
        explore.counted_lines(export, counted, select)
        yield counted
        yield export


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instants of the last change of the three datasets."""
    pages = [explore.metadata(ctx.http, HOST, level.slug) for level in LEVELS]
    return " ".join(explore.default_meta(page, "modified") for page in pages)


def decode(pages: Sequence[Page], territory: Territory) -> pa.Table:
    """One row a territory, an aggregate and a financial year; euros, and euros per inhabitant as published.

    Raises:
        DecodeError: a territory nobody asked for, a year that is not one, a row twice, unreadable figures.
        SourceContentError: an export that is not whole.
    """
    rows = []
    for level in LEVELS:
        export = one(pages, f"export-{level.niveau}")
        select = (level.code, level.name, *_FIGURES)
        lines = explore.counted_lines(export, one(pages, f"count-{level.niveau}"), select)
        asked = codes(territory, level.niveau)
        for number, line in enumerate(lines, start=2):
            code = text_of(line[level.code])
            if code not in asked:
                raise wrong(
                    f"Le territoire « {code} » répond à une demande qui l'excluait.", export, f"ligne {number}"
                )
            rows.append(
                {
                    "niveau": level.niveau,
                    "code": code,
                    "nom": text_of(line[level.name]),
                    "exer": _year(line["exer"], export, number),
                    "agregat": text_of(line["agregat"]),
                    "montant": number_of(line["montant"], export, f"ligne {number}, montant"),
                    "ptot": whole_of(line["ptot"], export, f"ligne {number}, ptot"),
                    "euros_par_habitant": number_of(
                        line["euros_par_habitant"], export, f"ligne {number}, euros_par_habitant"
                    ),
                }
            )
    keys = {(row["niveau"], row["code"], row["exer"], row["agregat"]) for row in rows}
    if len(keys) != len(rows):
        raise wrong("Un agrégat est écrit deux fois pour un territoire et un exercice.", pages[0])
    return table(SCHEMA, rows, SCHEMA.names)


def _year(cell: str, page: Page, number: int) -> int:
    """The year of `exer`, which the base types as a date and writes `2025` or `2025-01-01`."""
    text = cell.strip()[:4]
    if not text.isdigit() or not FIRST_YEAR <= int(text) <= 2100:
        raise wrong(f"« {cell} » n'est pas un exercice.", page, f"ligne {number}, exer")
    return int(text)


def datasets(territory: Territory) -> list[Dataset]:
    """`ofgl/comptes`."""
    return [
        Dataset(
            id="ofgl/comptes",
            titre="Comptes des groupements à fiscalité propre, des départements et des régions",
            editeur="Observatoire des finances et de la gestion publique locales (OFGL)",
            licence="lov2",
            attribution="OFGL, d'après les comptes de gestion de la DGFiP",
            page=f"https://{HOST}/explore/dataset/{LEVELS[0].slug}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=8,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("epci", "departement", "region"),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory),
            absences="Un poste qu'une collectivité n'a pas n'a pas de ligne. Le dernier exercice peut être complété.",
            probe=probe,
            switched_off=(
                "Débranchée : les noms des jeux de l'OFGL et de leurs champs sont connus, à confirmer par une "
                "première réception."
            ),
        )
    ]
