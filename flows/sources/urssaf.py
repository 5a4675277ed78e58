"""Urssaf (open.urssaf.fr, Explore): private-sector employees at 31 December, by commune of the workplace.

Not here: sums above the commune and rates (the warehouse). The published table is wide, one line a commune and a
detailed activity, one pair of columns a year; it is summed over activities by the server, and unfolded here. Régime
général only: neither agriculture, nor civil service, nor self-employed. Apprentices are counted since June 2023.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import explore
from flows.sources.decoding import table
from flows.sources.reading import commune_of, number_of, one, wrong

HOST = "open.urssaf.fr"
SLUG = "etablissements-et-effectifs-salaries-au-niveau-commune-x-ape-last"
FIRST_YEAR = 2015

SCHEMA = pa.schema([("code_commune", pa.string()), ("annee", pa.int64()), ("effectifs_salaries", pa.float64())])
_YEARLY = re.compile(r"effectifs_salaries_([0-9]{4})")


def years(metadata: Page) -> list[int]:
    """Years that the table holds since 2015, oldest first.

    Raises:
        DecodeError: no yearly column, or years that do not follow each other.
    """
    found = sorted(int(m[1]) for name in explore.fields(metadata) if (m := _YEARLY.fullmatch(name)))
    found = [year for year in found if year >= FIRST_YEAR]
    if not found or found != list(range(found[0], found[0] + len(found))):
        raise wrong(f"Les années du jeu ne se suivent pas : {', '.join(map(str, found)) or 'aucune'}.", metadata)
    return found


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The metadata, the count of lines and the sums by commune of the territory.

    Raises:
        SourceContentError: the sums do not come from the lines counted, or there are none.
    """
    metadata = explore.metadata(ctx.http, HOST, SLUG)
    where = explore.one_of("code_commune", ctx.communes)
    counted = explore.count(ctx.http, HOST, SLUG, where, "count")
    sums = [f"sum(effectifs_salaries_{year}) as e{year}" for year in years(metadata)]
    export = explore.grouped_export(
        ctx.http,
        HOST,
        SLUG,
        select=["code_commune", "count(*) as n_lignes", *sums],
        where=where,
        group_by=["code_commune"],
        name="export",
    )
    explore.export_rows(export, counted, "n_lignes")
    yield metadata
    yield counted
    yield export


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the dataset."""
    return explore.default_meta(explore.metadata(ctx.http, HOST, SLUG), "modified")


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row a commune and a year; employees at 31 December, null when no establishment declared that year.

    Raises:
        DecodeError: a year without its sum, a doubled commune, unreadable figures. SourceContentError: not whole.
    """
    export, found = one(pages, "export"), years(one(pages, "metadata"))
    rows: list[dict[str, Any]] = []
    for group in explore.export_rows(export, one(pages, "count"), "n_lignes"):
        code = commune_of(group.get("code_commune"))
        if missing := [year for year in found if f"e{year}" not in group]:
            raise wrong(f"Il manque la somme de {missing[0]}.", export, str(code))
        for year in found:
            value = number_of(group[f"e{year}"], export, f"{code}, {year}")
            rows.append({"code_commune": code, "annee": year, "effectifs_salaries": value})
    if len({(row["code_commune"], row["annee"]) for row in rows}) != len(rows):
        raise wrong("Une commune est écrite deux fois.", export)
    return table(SCHEMA, rows, SCHEMA.names)


def datasets(territory: Territory) -> list[Dataset]:
    """`urssaf/effectifs`."""
    return [
        Dataset(
            id="urssaf/effectifs",
            titre="Effectifs salariés du secteur privé au 31 décembre, par commune du lieu de travail",
            editeur="Urssaf Caisse nationale",
            licence="lov2",
            attribution="Urssaf, établissements employeurs et effectifs salariés du secteur privé",
            page=f"https://{HOST}/explore/dataset/{SLUG}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=5,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2023,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=decode,
            absences="Une commune sans employeur déclaré n'a pas de ligne, ou pas de nombre cette année-là.",
            probe=probe,
            reserve=(
                "Jeu et champs vus dans des projets publics ; licence à confirmer (Licence Ouverte ou ODbL selon les "
                "sources) à la première réception réelle."
            ),
        )
    ]
