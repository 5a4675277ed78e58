"""Energy and air through the real HTTP client and the portal: what is landed is what was to be told.

Not here: decoders on real or changed bytes (test_energy_air.py).
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.core.datasets import Dataset, FetchContext, Page
from flows.core.errors import DecodeError, SourceContentError, SourceDisabled, SourceWithdrawn
from flows.portal.server import Portal
from flows.portal.sets import lcsqa as served
from flows.sources import (
    atmo,
    enedis,
    odre,
    odre_eco2mix,
    ore,
    registry,
    sdes,
)
from flows.sources.http import HttpClient
from tests.sources_b.conftest import ROOT, FakeHttp, make_territory, page

FIGURES = ROOT / "warehouse" / "demonstration"
NIGHT = dt.date(2026, 11, 20)
ENERGY = Path("data/territory/energie")


# --- through the portal ------------------------------------------------------------------------------------------

SECRETS = {atmo.USER: "demonstration", atmo.PASSWORD: "demonstration"}
HOSTS = {
    "atmo/emissions_epci": "data.atmo-france.org",
    "atmo/emissions_regions": "admindata.atmo-france.org",
    "enedis/production": enedis.HOST,
    "lcsqa/particules_fines": served.HOST,
    "odre/biomethane": odre.HOST,
    "odre/mix_regional": odre.HOST,
    "ore/departements": ore.HOST,
    "sdes/chaleur": sdes.HOST,
}
MINE = tuple(HOSTS)
REAL = {"atmo/emissions_regions", "enedis/production", "odre/biomethane", "ore/departements"}


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with Portal(FIGURES, NIGHT) as running:
        yield running


@pytest.fixture
def ctx(portal: Portal) -> Iterator[FetchContext]:
    with HttpClient(portal=portal.url, user_agent="tests", tries=1, deadline_s=5) as http:
        yield FetchContext(http=http, territory=make_territory(), nuit=NIGHT, credentials=SECRETS)
    portal.faults.clear()


def dataset_of(name: str) -> Dataset:
    return registry(make_territory())[name]


def land(dataset: Dataset, ctx: FetchContext) -> tuple[list[Page], list[dict[str, Any]]]:
    last = list(dataset.partitions(ctx))[-1]
    pages = list(dataset.fetch(ctx, last))
    return pages, dataset.decode(pages).to_pylist()


@pytest.mark.parametrize("name", sorted(REAL))
def test_real_figures_come_back_as_they_were_told(name: str, ctx: FetchContext) -> None:
    dataset = dataset_of(name)
    pages, rows = land(dataset, ctx)
    assert not any(p.simulated for p in pages)
    with (FIGURES / f"{dataset.table_name}.csv").open(encoding="utf-8", newline="") as file:
        told = [[row[n] for n in dataset.schema.names] for row in csv.DictReader(file)]

    def written(value: Any) -> str:
        return "" if value is None else str(value)

    assert len(rows) == len(told)
    key = [n for n in dataset.schema.names if not str(dataset.schema.field(n).type).startswith("double")]
    wanted = {tuple(r[dataset.schema.names.index(n)] for n in key): r for r in told}
    for row in rows:
        line = wanted[tuple(written(row[n]) for n in key)]
        for name_, cell in zip(dataset.schema.names, line, strict=True):
            if name_ not in key:
                assert row[name_] == (float(cell) if cell else None), (key, name_)


@pytest.mark.parametrize("name", sorted(set(MINE) - REAL - {"atmo/emissions_epci"}))
def test_simulated_figures_say_so(name: str, ctx: FetchContext) -> None:
    pages, rows = land(dataset_of(name), ctx)
    assert rows and any(p.simulated for p in pages)


def test_the_hours_of_a_month_make_its_days(ctx: FetchContext) -> None:
    dataset = dataset_of("lcsqa/particules_fines")
    keys = [p.key for p in dataset.partitions(ctx)]
    assert keys == [f"2025-{m:02d}" for m in range(1, 13)]
    _, rows = land(dataset, ctx)
    told = {(r["code_site"], r["jour"]): r for r in served.simulated(ctx.http)}  # type: ignore[arg-type]
    assert len(rows) == 31 * 4
    for row in rows:
        day = told[row["code_site"], row["jour"].isoformat()]
        assert row["n_heures"] == 24 and row["n_valides"] == int(day["n_valides"])
        assert row["somme_ug_m3"] == pytest.approx(int(day["dixiemes"]) / 10)


def test_an_empty_layer_gives_no_figure(ctx: FetchContext) -> None:
    pages, rows = land(dataset_of("atmo/emissions_epci"), ctx)
    assert rows == [] and b"numberMatched" in pages[0].body


@pytest.mark.parametrize("name", MINE)
def test_a_broken_answer_is_a_typed_error_and_the_source_says_what_to_do(
    name: str, ctx: FetchContext, portal: Portal
) -> None:
    portal.faults.add(HOSTS[name], "/", "html")
    with pytest.raises(SourceContentError) as caught:
        land(dataset_of(name), ctx)
    assert caught.value.where and caught.value.todo


def test_no_account_no_inventory(portal: Portal) -> None:
    with HttpClient(portal=portal.url, user_agent="tests", tries=1) as http, pytest.raises(SourceDisabled):
        land(dataset_of("atmo/emissions_regions"), FetchContext(http, make_territory(), NIGHT))


def test_a_missing_day_is_a_withdrawal(ctx: FetchContext) -> None:
    later = FetchContext(ctx.http, ctx.territory, dt.date(2031, 1, 15))
    with pytest.raises(SourceWithdrawn):
        land(dataset_of("lcsqa/particules_fines"), later)


def test_what_is_not_certain_is_off_by_default_and_says_why() -> None:
    off = {name: d.switched_off for name, d in registry(make_territory()).items() if d.switched_off}
    assert set(MINE) - set(off) == {"atmo/emissions_regions", "odre/mix_regional"}
    assert all("confirmer" in off[name] for name in MINE if name in off)


def test_the_newest_two_months_are_asked(ctx: FetchContext) -> None:
    def keys(night: dt.date, known: frozenset[str] = frozenset()) -> list[tuple[str, bool]]:
        given = FetchContext(ctx.http, ctx.territory, night, known=known)
        return [(p.key, p.closed) for p in odre_eco2mix.months(given)]

    assert keys(NIGHT) == [("2026-10", False), ("2026-11", False)]
    assert keys(NIGHT, frozenset({"2026-10", "2026-11"})) == [("2026-10", True), ("2026-11", False)]
    assert keys(dt.date(2027, 1, 1)) == [("2026-11", False), ("2026-12", False)]


def test_titles_find_the_file_whatever_its_identifier() -> None:
    heat = {"rid": "0123abcd-0123", "title": "Réseaux de chaleur", "millesimes": [{"millesime": "2025-09"}]}
    local = {"title": "Données locales de consommation d’énergie", "datafiles": [heat]}
    http = FakeHttp({f"{sdes.BASE}/datasets": lambda params: {"total": 1, "data": [local]}})
    assert sdes.datafile(http)[1] is not None and http.asked[0][1] == {"pageSize": "all"}
    short = FakeHttp({f"{sdes.BASE}/datasets": lambda params: {"total": 2, "data": [local]}})
    with pytest.raises(DecodeError, match="1 jeux listés au lieu des 2"):
        sdes.datafile(short)
    moved = FakeHttp({f"{sdes.BASE}/datasets": lambda params: {"total": 1, "data": [local | {"datafiles": []}]}})
    with pytest.raises(SourceContentError, match="0 fichier"):
        sdes.datafile(moved)
    with pytest.raises(DecodeError, match="2025"):
        sdes.vintage({"millesimes": [{"millesime": "2025"}]}, page({}))
