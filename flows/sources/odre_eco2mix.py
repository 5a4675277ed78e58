"""ODRÉ: éCO2mix regional in real time, one line a day of the region (Explore v2.1, grouped export).

Not here: energies, shares and incomplete days (the warehouse). The quarter-hours stay on the server: it sums them by
day, with the number of lines and of those whose consumption is known, without which a sum says nothing. Forecast
quarters are null. The real-time series keeps about seventy days and is consolidated later, so months add up
(cumulatif) and the newest night wins for a day. `pompage` and the batteries are texts in this dataset: not read.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import explore
from flows.sources.decoding import table
from flows.sources.odre import HOST
from flows.sources.reading import day_of, number_of, one, text_of, whole_of, wrong

SLUG = "eco2mix-regional-tr"
CLOSED_AFTER_DAYS = 10
MOST_LINES = 100  # quarter-hours of the longest day of the year, when clocks go back
POWERS = (
    "consommation",
    "thermique",
    "nucleaire",
    "eolien",
    "solaire",
    "hydraulique",
    "bioenergies",
    "ech_physiques",
)
SCHEMA = pa.schema(
    [
        ("date", pa.date32()),
        ("code_insee_region", pa.string()),
        ("n_lignes", pa.int64()),
        ("n_connues", pa.int64()),
        *((f"somme_{name}", pa.float64()) for name in POWERS),
    ]
)
GROUP_BY = ("code_insee_region", "date")
SELECT = (
    *GROUP_BY,
    "count(*) as n_lignes",
    "count(consommation) as n_connues",
    *(f"sum({name}) as somme_{name}" for name in POWERS),
)


def months(ctx: FetchContext) -> Iterable[Partition]:
    """The month of the eve and the one before, which the real-time series still holds whole."""
    eve = ctx.nuit - dt.timedelta(days=1)
    first = eve.replace(day=1)
    for start in ((first - dt.timedelta(days=1)).replace(day=1), first):
        last = start.replace(day=calendar.monthrange(start.year, start.month)[1])
        key = f"{start:%Y-%m}"
        over = last + dt.timedelta(days=CLOSED_AFTER_DAYS) <= ctx.nuit
        yield Partition(key, {"debut": start, "fin": min(last, eve)}, closed=over and key in ctx.known)


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The count of the quarter-hours of the month (`count`) and the days (`export`).

    Raises:
        SourceContentError: the days do not add up to the quarter-hours counted, or there is none.
    """
    first, last = partition.params["debut"], partition.params["fin"]
    where = f"code_insee_region=\"{ctx.territory.region}\" and date>=date'{first}' and date<=date'{last}'"
    counted = explore.count(ctx.http, HOST, SLUG, where, "count")
    export = explore.grouped_export(
        ctx.http, HOST, SLUG, select=SELECT, where=where, group_by=GROUP_BY, name="export"
    )
    explore.export_rows(export, counted, "n_lignes")
    yield counted
    yield export


def decode(pages: Sequence[Page], region: str) -> pa.Table:
    """One row a day: lines, lines whose consumption is known, sums of the powers (MW) over the lines of the day.

    Raises:
        DecodeError: another region, a day written twice or with more lines than a day holds, unreadable figures.
        SourceContentError: an export that is not whole.
    """
    export = one(pages, "export")
    rows = []
    for group in explore.export_rows(export, one(pages, "count"), "n_lignes"):
        if text_of(group.get("code_insee_region")) != region:
            raise wrong(f"La région « {group.get('code_insee_region')} » n'a pas été demandée.", export)
        day = day_of(group.get("date"), export, "date")
        lines = whole_of(group.get("n_lignes"), export, "n_lignes")
        known = whole_of(group.get("n_connues"), export, "n_connues")
        if lines is None or known is None or not 0 <= known <= lines <= MOST_LINES:
            raise wrong(f"Le {day} compte {known} consommations pour {lines} lignes.", export)
        sums = {f"somme_{name}": number_of(group.get(f"somme_{name}"), export, name) for name in POWERS}
        rows.append({"date": day, "code_insee_region": region, "n_lignes": lines, "n_connues": known, **sums})
    if len({row["date"] for row in rows}) != len(rows):
        raise wrong("Un jour est écrit deux fois.", export)
    return table(SCHEMA, rows, ("date",))


def datasets(territory: Territory) -> list[Dataset]:
    """`odre/mix_regional`."""
    return [
        Dataset(
            id="odre/mix_regional",
            titre="éCO2mix régional temps réel, par jour",
            editeur="RTE, Open Data Réseaux Énergies (ODRÉ)",
            licence="lov2",
            attribution="RTE, éCO2mix régional, Open Data Réseaux Énergies (ODRÉ)",
            page=f"https://{HOST}/explore/dataset/{SLUG}/",
            periodicite="quotidienne",
            periode_mois=1,
            delai_mois=0,
            cycle=Cycle.NOCTURNE,
            accumulation=Accumulation.CUMULATIF,
            key=("code_insee_region", "date"),
            niveaux=("region",),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=months,
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.region),
            absences=(
                "Seuls les jours jusqu'à la veille sont demandés. Le temps réel garde environ 70 jours et sera "
                "consolidé plus tard."
            ),
        )
    ]
