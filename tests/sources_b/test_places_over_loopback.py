"""Places and services through the real HTTP client and the local portal: what is drawn or carried is what is landed.

Also what the gates cannot see: that simulated answers say so, and that real ones do not.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from flows.core.datasets import Dataset, FetchContext, Page
from flows.core.errors import DecodeError, SourceContentError, SourceUnavailable
from flows.portal.server import Portal
from flows.sources import registry
from flows.sources.http import HttpClient
from tests.sources_b.conftest import ROOT, make_territory

FIGURES = ROOT / "warehouse" / "demonstration"
DATASETS = registry(make_territory())
SIMULATED = (
    "acceslibre/erp",
    "anct/mediation_numerique",
    "geovelo/amenagements",
    "insee/bpe",
    "insee/bpe_points",
    "insee/carreaux",
    "insee/hebergement_touristique",
    "osm/espaces_nature",
    "sirene/ess",
    "tiers_lieux/recensement",
    "transport/arrets",
)
ROLES = ("data", "lignes", "donnees", "etablissements", "total")


@pytest.fixture(scope="module")
def communes() -> dict[str, int]:
    """Code → inhabitants."""
    with (FIGURES / "geo__communes.csv").open(encoding="utf-8") as handle:
        return {row["code"]: int(row["population"]) for row in csv.DictReader(handle)}


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with Portal(FIGURES, dt.date(2026, 11, 20)) as running:
        yield running


@pytest.fixture
def ctx(portal: Portal, communes: dict[str, int]) -> Iterator[FetchContext]:
    with HttpClient(portal=portal.url, user_agent="tests", tries=1, deadline_s=20) as http:
        yield FetchContext(
            http=http,
            territory=make_territory(),
            nuit=dt.date(2026, 11, 20),
            communes=tuple(sorted(communes)),
            credentials={"SIRENE_CLE": "demonstration"},
        )
    portal.faults.clear()


def land(name: str, ctx: FetchContext) -> tuple[list[Page], list[dict[str, Any]]]:
    dataset: Dataset = DATASETS[name]
    pages: list[Page] = []
    rows: list[dict[str, Any]] = []
    for partition in dataset.partitions(ctx):
        if dataset.probe:
            assert dataset.probe(ctx, partition)
        mine = list(dataset.fetch(ctx, partition))
        table = dataset.decode(mine)
        assert table.schema.equals(dataset.schema)
        pages, rows = [*pages, *mine], [*rows, *table.to_pylist()]
    return pages, rows


@pytest.mark.parametrize("name", SIMULATED)
def test_simulated_answers_say_so_and_are_drawn_the_same_each_time(name, ctx, portal):
    pages, rows = land(name, ctx)
    assert rows
    assert all(page.simulated for page in pages if page.name.startswith(ROLES))
    drawn = portal.figures.table(DATASETS[name].table_name)
    assert list(Portal(FIGURES, dt.date(2026, 11, 20)).figures.table(DATASETS[name].table_name)) == list(drawn)


def test_what_is_not_certain_is_off_or_said():
    uncertain = [n for n in SIMULATED if not (DATASETS[n].switched_off or DATASETS[n].reserve)]
    assert uncertain == []
    for name in SIMULATED:
        text = DATASETS[name].switched_off
        assert not text or text.startswith("À confirmer avant la mise en service : ")


def test_france_services_are_the_real_ones(ctx):
    pages, rows = land("anct/france_services", ctx)
    assert not any(page.simulated for page in pages)
    with (FIGURES / "anct__france_services.csv").open(encoding="utf-8") as handle:
        carried = {row["id_fs"]: row for row in csv.DictReader(handle)}
    assert {row["id_fs"] for row in rows} == set(carried)
    for row in rows:
        told = carried[row["id_fs"]]
        assert row["labellisation_fs"].isoformat() == told["labellisation_fs"]
        assert (row["longitude"], row["latitude"]) == (float(told["longitude"]), float(told["latitude"]))
        assert row["date_liste"] == dt.date(2024, 8, 1)


def test_squares_hold_the_inhabitants_of_their_commune(ctx, communes):
    _, rows = land("insee/carreaux", ctx)
    found: Counter[str] = Counter()
    for row in rows:
        found[row["code_commune"]] += row["ind"]
    assert set(found) == set(communes)
    assert all(abs(found[code] - communes[code]) <= 0.03 * communes[code] + 5 for code in communes)


def test_located_facilities_are_those_that_melodi_counts(ctx, communes):
    _, points = land("insee/bpe_points", ctx)
    _, counts = land("insee/bpe", ctx)
    located: Counter[tuple[str, str]] = Counter()
    for row in points:
        located[row["depcom"], row["typequ"]] += row["nombre"]
    told = {(r["geo_code"], r["facility_type"]): r["value"] for r in counts if r["geo_niveau"] == "COM"}
    schools = {key: n for key, n in told.items() if key[1] in ("A129", "C107", "C108", "F307")}
    assert schools == {key: located[key] for key in schools}
    assert {code for code, kind in told if kind == "A129"} == set(communes)


def test_sirene_counts_every_page_of_its_cursor(ctx, portal):
    pages, rows = land("sirene/ess", ctx)
    drawn = {(r["niveau"], r["code"]): int(r["etablissements"]) for r in portal.figures.table("sirene__ess")}
    assert {(r["niveau"], r["code"]): r["etablissements"] for r in rows} == drawn
    assert len([page for page in pages if page.name.startswith("etablissements")]) > 1


def test_tabular_pages_are_all_there(ctx, portal):
    pages, rows = land("acceslibre/erp", ctx)
    assert len([p for p in pages if p.name.startswith("lignes")]) == -(-len(rows) // 50) > 5
    assert len(rows) == len(portal.figures.table("acceslibre__erp"))
    assert {r["entree_plain_pied"] for r in rows} == {True, False, None}


@pytest.mark.parametrize(
    ("name", "host", "kind", "options"),
    [
        ("acceslibre/erp", "tabular-api.data.gouv.fr", "wrong_schema", {"column": "activite"}),
        ("acceslibre/erp", "tabular-api.data.gouv.fr", "html", {}),
        ("anct/mediation_numerique", "tabular-api.data.gouv.fr", "wrong_schema", {"column": "code_insee"}),
        ("anct/france_services", "static.data.gouv.fr", "wrong_schema", {"column": "insee_com"}),
        ("tiers_lieux/recensement", "static.data.gouv.fr", "wrong_schema", {"column": "CODPOST"}),
        ("geovelo/amenagements", "static.data.gouv.fr", "truncated", {}),
        ("geovelo/amenagements", "static.data.gouv.fr", "wrong_schema", {"column": "ame_d"}),
        ("transport/arrets", "transport.data.gouv.fr", "wrong_schema", {"column": "stop_id"}),
        ("transport/arrets", "transport.data.gouv.fr", "server_error", {}),
        ("osm/espaces_nature", "overpass-api.de", "wrong_schema", {"column": "elements"}),
        ("sirene/ess", "api.insee.fr", "count_mismatch", {}),
        ("insee/bpe", "api.insee.fr", "wrong_schema", {"column": "FACILITY_TYPE"}),
        ("insee/hebergement_touristique", "api.insee.fr", "count_mismatch", {}),
        ("insee/bpe_points", "www.insee.fr", "wrong_schema", {"column": "TYPEQU"}),
        ("insee/carreaux", "www.insee.fr", "wrong_schema", {"column": "ind"}),
        ("insee/carreaux", "www.insee.fr", "truncated", {}),
    ],
)
def test_a_broken_publisher_is_a_typed_error(name, host, kind, options, ctx, portal):
    portal.faults.add(host, "/", kind, **options)
    with pytest.raises((DecodeError, SourceContentError, SourceUnavailable)) as caught:
        land(name, ctx)
    assert caught.value.where and caught.value.todo
