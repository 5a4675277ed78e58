"""ODRÉ: sites that inject biomethane into the gas networks, with their yearly capacity (Explore v2.1, CSV export).

Not here: sums and years (the warehouse). What is published is a CAPACITY in GWh a year, never a production: it must
not be added to energy that was really injected. Names of projects and their carriers are not read: nothing needs
them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import explore
from flows.sources.decoding import csv_rows, require, table
from flows.sources.decoding import text_of as utf8_of
from flows.sources.odre import HOST
from flows.sources.reading import commune_of, number_of, object_of, one, text_of, wrong

SLUG = "les-sites-dinjection-de-biomethane-en-france"

_TEXTS = ("id_unique_projet", "site", "commune", "code_epci", "code_dep", "code_reg", "type_de_reseau")
CAPACITY, OPENED = "capacite_de_production_gwh_an", "date_de_mes"
SCHEMA = pa.schema(
    [
        ("code_commune", pa.string()),
        *((name, pa.string()) for name in _TEXTS),
        (OPENED, pa.date32()),
        (CAPACITY, pa.float64()),
    ]
)


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The metadata, the count of the sites of the region (`count`) and their export (`data`)."""
    yield explore.metadata(ctx.http, HOST, SLUG)
    where = f'code_reg="{ctx.territory.region}"'
    yield explore.count(ctx.http, HOST, SLUG, where, "count")
    url = f"{explore.base(HOST, SLUG)}/exports/csv"
    yield ctx.http.get(url, params=[("where", where), ("use_labels", "false")], expect="csv", name="data")


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the dataset."""
    return explore.default_meta(explore.metadata(ctx.http, HOST, SLUG), "modified")


def decode(pages: Sequence[Page], region: str) -> pa.Table:
    """One row a site of the region: commune, département, EPCI, date of commissioning, capacity in GWh a year.

    Raises:
        DecodeError: a missing column, another number of sites than counted, a site of another region or written
            twice, an unreadable date or capacity, no site at all.
    """
    page = one(pages, "data")
    lines = csv_rows(utf8_of(page.body, page.address), delimiter=";", where=page.address)
    require(lines[0] if lines else (), SCHEMA.names, page.address)
    due = object_of(one(pages, "count")).get("total_count")
    if due != len(lines):
        raise wrong(f"L'export a {len(lines)} sites au lieu des {due} comptés.", page)
    rows: list[dict[str, object]] = []
    for number, cells in enumerate(lines, start=2):
        row: dict[str, object] = {name: text_of(cells[name]) for name in _TEXTS}
        if row["code_reg"] != region:
            raise wrong(f"Le site d'une autre région ({row['code_reg']}) répond au filtre.", page, f"ligne {number}")
        row["code_commune"] = commune_of(cells["code_commune"])
        row[OPENED] = _date(cells[OPENED], page, number)
        row[CAPACITY] = number_of(cells[CAPACITY], page, f"ligne {number}, {CAPACITY}")
        rows.append(row)
    if not rows:
        raise wrong(f"Aucun site d'injection dans la région {region}.", page)
    if len({row["id_unique_projet"] for row in rows}) != len(rows):
        raise wrong("Un site d'injection est écrit deux fois.", page)
    return table(SCHEMA, rows, ("code_commune", "id_unique_projet"))


def _date(text: str, page: Page, number: int) -> dt.date | None:
    if not text.strip():
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise wrong(f"La date de mise en service « {text} » est illisible.", page, f"ligne {number}") from error


def datasets(territory: Territory) -> list[Dataset]:
    """`odre/biomethane`."""
    return [
        Dataset(
            id="odre/biomethane",
            titre="Sites d'injection de biométhane en France",
            editeur="Open Data Réseaux Énergies (ODRÉ), gestionnaires de réseaux de gaz",
            licence="lov2",
            attribution="GRDF, NaTran, Teréga et autres gestionnaires, Open Data Réseaux Énergies (ODRÉ)",
            page=f"https://{HOST}/explore/dataset/{SLUG}/",
            periodicite="trimestrielle",
            periode_mois=3,
            delai_mois=3,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2022,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.region),
            absences="Une commune sans site d'injection n'a pas de ligne.",
            probe=probe,
            switched_off=(
                "Identifiant à confirmer : les colonnes ont été lues dans un export de 2022, l'adresse du jeu n'a "
                "pas été revue."
            ),
        )
    ]
