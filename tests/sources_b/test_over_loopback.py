"""Each source through the real HTTP client and the local portal: what is landed is what was to be told.

The demonstration tables are the figures the portal serves in the publishers' wire formats; each dataset must give
them back to the last decimal, through paging, grouping, workbooks and checksums.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from flows.core.datasets import Dataset, FetchContext, Page
from flows.core.errors import SourceContentError, SourceUnavailable, SourceWithdrawn
from flows.portal.server import Portal
from flows.sources import ademe_dpe, cerema, datafair, drees, ges, irve, odre, ore
from flows.sources.http import HttpClient
from tests.sources_b.conftest import ROOT, make_territory

FIGURES = ROOT / "warehouse" / "demonstration"
MODULES = {m.__name__.split(".")[-1]: m for m in (ademe_dpe, cerema, drees, ges, irve, odre, ore)}
HOSTS = {
    "ademe_dpe": ademe_dpe.HOST,
    "cerema": "static.data.gouv.fr",
    "drees": drees.HOST,
    "ges": "static.data.gouv.fr",
    "irve": "static.data.gouv.fr",
    "odre": odre.HOST,
    "ore": ore.HOST,
}


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with Portal(FIGURES, dt.date(2026, 11, 20)) as running:
        yield running


@pytest.fixture
def ctx(portal: Portal) -> Iterator[FetchContext]:
    with HttpClient(portal=portal.url, user_agent="tests", tries=1, deadline_s=5) as http:
        yield FetchContext(http=http, territory=make_territory(), nuit=dt.date(2026, 11, 20))
    portal.faults.clear()


def dataset_of(name: str) -> Dataset:
    (dataset,) = MODULES[name].datasets(make_territory())
    return dataset


def land(dataset: Dataset, ctx: FetchContext) -> tuple[list[Page], list[dict[str, Any]]]:
    pages, rows = [], []
    for partition in dataset.partitions(ctx):
        fetched = list(dataset.fetch(ctx, partition))
        pages += fetched
        rows += dataset.decode(fetched).to_pylist()
    return pages, rows


def told(dataset: Dataset) -> list[dict[str, Any]]:
    """Rows of a demonstration table, typed by the dataset's schema; an empty cell is null."""

    def typed(cell: str, kind: pa.DataType) -> Any:
        if cell == "":
            return None
        if pa.types.is_string(kind):
            return cell
        if pa.types.is_date(kind):
            return dt.date.fromisoformat(cell)
        return int(cell) if pa.types.is_integer(kind) else float(cell)

    with (FIGURES / f"{dataset.table_name}.csv").open(encoding="utf-8", newline="") as file:
        return [{f.name: typed(row[f.name], f.type) for f in dataset.schema} for row in csv.DictReader(file)]


def order(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)


@pytest.mark.parametrize("name", MODULES)
def test_what_is_landed_is_what_was_told(name: str, ctx: FetchContext) -> None:
    dataset = dataset_of(name)
    pages, rows = land(dataset, ctx)
    assert rows and order(rows) == order(told(dataset))
    assert all(p.address.startswith("https://") for p in pages), "official addresses, never the portal's"


@pytest.mark.parametrize("name", MODULES)
def test_a_probe_answers_the_same_token_twice(name: str, ctx: FetchContext) -> None:
    dataset = dataset_of(name)
    assert dataset.probe is not None
    partition = list(dataset.partitions(ctx))[-1]
    token = dataset.probe(ctx, partition)
    assert token and dataset.probe(ctx, partition) == token


def test_small_pages_give_the_same_rows(ctx: FetchContext) -> None:
    params = [("code_epci_eq", "200042190"), ("annee_eq", "2024"), ("select", ",".join(ore.SCHEMA.names))]
    whole = list(datafair.lines(ctx.http, ore.HOST, ore.SLUG, params, "lines"))
    small = list(datafair.lines(ctx.http, ore.HOST, ore.SLUG, params, "lines", size=17))
    territory = make_territory()
    assert len(whole) == 1 and len(small) > 5
    assert ore.decode(small, territory).equals(ore.decode(whole, territory))


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize(
    "kind",
    ["empty", "html", "truncated", "server_error", "rate_limit", "wrong_schema", "wrong_encoding", "redirect_loop"],
)
def test_a_broken_answer_is_an_error_that_says_where(name: str, kind: str, portal: Portal, ctx: FetchContext) -> None:
    dataset = dataset_of(name)
    portal.faults.add(HOSTS[name], "/", kind)
    with pytest.raises((SourceContentError, SourceUnavailable)) as caught:
        land(dataset, ctx)
    assert "https://" in caught.value.where and caught.value.todo, str(caught.value)


# Not ADEME: its total counts the certificates without commune or label too, so groups may stay below it.
@pytest.mark.parametrize("name", ["odre", "ore"])
def test_a_count_that_does_not_match_is_refused(name: str, portal: Portal, ctx: FetchContext) -> None:
    portal.faults.add(HOSTS[name], "/", "count_mismatch")
    with pytest.raises(SourceContentError):
        land(dataset_of(name), ctx)


@pytest.mark.parametrize("name", MODULES)
def test_a_withdrawn_dataset_is_a_state_not_an_outage(name: str, portal: Portal, ctx: FetchContext) -> None:
    host = "www.data.gouv.fr" if HOSTS[name].startswith("static") else HOSTS[name]
    portal.faults.add(host, "/", "withdrawn")
    with pytest.raises(SourceWithdrawn):
        land(dataset_of(name), ctx)


@pytest.mark.parametrize("name", MODULES)
def test_a_figure_that_changes_moves_the_token_and_the_rows(name: str, portal: Portal, ctx: FetchContext) -> None:
    dataset = dataset_of(name)
    partition = list(dataset.partitions(ctx))[-1]
    assert dataset.probe is not None
    before, rows = dataset.probe(ctx, partition), land(dataset, ctx)[1]
    portal.faults.add(HOSTS[name], "/", "changed")
    assert dataset.probe(ctx, partition) != before
    assert order(land(dataset, ctx)[1]) != order(rows)
