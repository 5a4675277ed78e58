"""Land, water, food, waste and finance: what is landed is what the portal was to tell, and what is wrong is said.

Through the real HTTP client and the local portal. Not here: the warehouse's arithmetic (unit tests of the models).
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from flows.core.datasets import Dataset, FetchContext, Page
from flows.core.errors import DecodeError, SourceContentError, SourceError
from flows.portal.figures import Figures, specs
from flows.portal.server import Portal
from flows.sources import (
    agreste,
    cartofriches,
    ditp,
    explore,
    georisques,
    hubeau,
    macantine,
    ofgl,
    pac,
    rpc,
    sinoe,
)
from flows.sources.http import HttpClient
from tests.sources_b.conftest import ROOT, FakeHttp, context, make_territory, page

FIGURES = ROOT / "warehouse" / "demonstration"
SHARED = ROOT.parent / "shared" / "data"
MODULES = (agreste, cartofriches, ditp, georisques, hubeau, macantine, ofgl, pac, rpc, sinoe)
DATASETS = {d.id: d for module in MODULES for d in module.datasets(make_territory())}


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with Portal(FIGURES, dt.date(2026, 11, 20)) as running:
        yield running


@pytest.fixture
def ctx(portal: Portal) -> Iterator[FetchContext]:
    communes = tuple(Figures(FIGURES).communes)
    with HttpClient(portal=portal.url, user_agent="tests", tries=1, deadline_s=10) as http:
        yield FetchContext(http=http, territory=make_territory(), nuit=dt.date(2026, 11, 20), communes=communes)
    portal.faults.clear()


def land(dataset: Dataset, ctx: FetchContext) -> tuple[list[Page], list[dict[str, Any]]]:
    pages, rows = [], []
    for partition in dataset.partitions(ctx):
        fetched = list(dataset.fetch(ctx, partition))
        if dataset.probe is not None:
            assert dataset.probe(ctx, partition)
        decoded = dataset.decode(fetched)
        assert decoded.schema == dataset.schema
        pages += fetched
        rows += decoded.to_pylist()
    return pages, rows


def told(dataset: Dataset) -> list[dict[str, Any]]:
    """Rows of the demonstration table, typed by the schema of the dataset; an empty cell is null."""

    def typed(cell: str, kind: pa.DataType) -> Any:
        if cell == "":
            return None
        if pa.types.is_string(kind):
            return cell
        if pa.types.is_date(kind):
            return dt.date.fromisoformat(cell)
        return int(cell) if pa.types.is_integer(kind) else float(cell)

    rows = Figures(FIGURES).table(dataset.table_name)
    return [{f.name: typed(row[f.name], f.type) for f in dataset.schema} for row in rows]


def texts(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True, ensure_ascii=False) for row in rows)


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_what_is_landed_is_what_was_told(ctx: FetchContext, name: str) -> None:
    dataset = DATASETS[name]
    pages, rows = land(dataset, ctx)
    assert texts(rows) == texts(told(dataset))
    simulated = specs()[dataset.table_name].simulate is not None
    assert {p.simulated for p in pages if p.name not in ("metadata",)} == {simulated}
    assert dataset.switched_off  # none of these addresses was seen certain


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_bytes_of_another_kind_are_a_typed_error_with_what_to_do(name: str) -> None:
    dataset = DATASETS[name]
    for body in (
        b"",
        b"\xff\xfe\x00",
        b"<html>maintenance</html>",
        b"a;b\r\n1;2\r\n",
        b"{}",
        b"[]",
        b"null",
        b"PK\x03",
    ):
        pages = [page(body, role, f"https://editeur.example/{role}") for role in roles(name)]
        with pytest.raises(SourceError) as caught:
            dataset.decode(pages)
        assert caught.value.where and caught.value.todo


def roles(name: str) -> list[str]:
    """Names of the pages of an edition."""
    special = {
        "ditp/barometre": ["departement", "region", "france"],
        "georisques/risques": ["risques-1"],
        "hubeau/services_eau": ["services-1-1"],
        "ofgl/comptes": [f"{role}-{level.niveau}" for level in ofgl.LEVELS for role in ("count", "export")],
        "sinoe/collecte": ["lines-1"],
    }
    return special.get(name, ["metadata", "data"])


# -- Cartofriches


def described(title: str = "friches-standard.csv") -> Page:
    resource = {"id": "7d1c9e2a-4b3f", "title": title, "type": "main", "format": "csv"}
    return page({"resources": [resource | {"last_modified": "2024-03-10T09:00:00"}]}, "metadata")


def test_the_original_object_of_cartofriches_decodes_without_names() -> None:
    path = SHARED / "territory/friches/cartofriches_points_20240310_caph_cavm.csv"
    if not path.is_file():
        pytest.skip("../shared absent : octets d'origine de Cartofriches non lus")
    rows = cartofriches.decode([described(), page(path.read_bytes())], "59").to_pylist()
    assert len(rows) == 227 and {row["date_etat"] for row in rows} == {dt.date(2024, 3, 10)}
    assert sum(row["site_statut"] == "friche potentielle" for row in rows) == 202
    assert "site_nom" not in rows[0]


def test_a_site_twice_or_a_year_that_is_not_one_is_refused() -> None:
    head = "site_id;site_statut;site_type;comm_insee;site_surface;site_reconv_annee;site_actu_date\n"
    line = "59002_1;friche reconvertie;mixte;59002;1200,5;2019;2023-01-01\n"
    (row,) = cartofriches.decode([described(), page((head + line).encode())], "59").to_pylist()
    assert row["site_surface"] == 1200.5 and row["site_reconv_annee"] == 2019
    for wrong in (line + line, line.replace("2019", "vers 2019"), line.replace("59002_1", "")):
        with pytest.raises(DecodeError):
            cartofriches.decode([described(), page((head + wrong).encode())], "59")
    with pytest.raises(DecodeError, match="découverte"):
        cartofriches.decode([described("autre.csv"), page((head + line).encode())], "59")


# -- OFGL


def test_the_original_export_of_ofgl_is_read_whole() -> None:
    path = SHARED / "finance/ofgl_rei_raw_sample.csv"
    if not path.is_file():
        pytest.skip("../shared absent : octets d'origine de l'OFGL non lus")
    needed = ("annee", "idcom", "varlib", "valeur", "secret_statistique")
    rows = explore.csv_lines(page(path.read_bytes()), needed)
    assert len(rows) == len(path.read_bytes().splitlines()) - 1
    assert rows[0]["annee"] == "2025" and rows[0]["valeur"] == "-1384.0"
    assert all(row["valeur"] == "" for row in rows if row["secret_statistique"] == "sec_stat")
    assert any(row["secret_statistique"] == "sec_stat" for row in rows)
    with pytest.raises(DecodeError, match="montant"):
        explore.csv_lines(page(path.read_bytes()), (*needed, "montant"))


def test_an_export_that_broke_off_or_lost_rows_is_not_believed(portal: Portal, ctx: FetchContext) -> None:
    pages, _ = land(DATASETS["ofgl/comptes"], ctx)
    by_name = {p.name: p for p in pages}
    export = by_name["export-epci"]
    cut = replace(export, body=b"\r\n".join(export.body.split(b"\r\n")[:-3]) + b"\r\n")
    with pytest.raises(SourceContentError, match="comptées"):
        ofgl.decode([*(p for p in pages if p is not export), cut], make_territory())
    broken = replace(export, body=export.body + b"Streaming interrupted due to the following error: x")
    with pytest.raises(SourceContentError, match="interrompu"):
        ofgl.decode([*(p for p in pages if p is not export), broken], make_territory())
    other = replace(export, body=export.body.replace(b"200042190", b"200042191"))
    with pytest.raises(DecodeError, match="200042191"):
        ofgl.decode([*(p for p in pages if p is not export), other], make_territory())


# -- Hub'Eau


def service(**changes: Any) -> dict[str, Any]:
    return {
        "code_service": 1,
        "nom_service": "S",
        "codes_commune": ["59002", "59014"],
        "annee": 2022,
        "indicateurs": {"P104.3": 81.5, "VP.234": 1000, "VP.056": None, "VP.231": None},
    } | changes


def test_services_are_landed_once_a_commune_and_paged_to_the_end() -> None:
    def answer(params: dict[str, str]) -> Any:
        number = int(params["page"])
        return {"count": 3, "data": [service(annee=2019 + number)]}

    ctx = replace(context(FakeHttp({hubeau.URL: answer}), make_territory()), communes=("59002", "59014"))
    (partition,) = DATASETS["hubeau/services_eau"].partitions(ctx)
    pages = list(hubeau.fetch(ctx, partition))
    assert [p.name for p in pages] == ["services-1-1", "services-1-2", "services-1-3"]
    rows = hubeau.decode(pages).to_pylist()
    assert len(rows) == 6 and {row["annee"] for row in rows} == {2020, 2021, 2022}
    assert rows[0]["abonnes"] is None  # absent is null, never zero


def test_a_count_that_moves_or_is_not_reached_is_refused() -> None:
    territory = make_territory()
    moving = FakeHttp({hubeau.URL: lambda p: {"count": 2 + int(p["page"]), "data": [service()]}})
    short = FakeHttp({hubeau.URL: lambda p: {"count": 9, "data": [service()] if p["page"] == "1" else []}})
    for http, words in ((moving, "passé"), (short, "annoncées")):
        ctx = replace(context(http, territory), communes=("59002",))
        with pytest.raises(SourceContentError, match=words):
            list(hubeau.fetch(ctx, next(iter(DATASETS["hubeau/services_eau"].partitions(ctx)))))
    with pytest.raises(SourceContentError, match="commune"):
        list(hubeau.fetch(context(short, territory), next(iter(DATASETS["hubeau/services_eau"].partitions(ctx)))))


def test_two_values_for_a_service_are_refused() -> None:
    twice = {"count": 2, "data": [service(), service(indicateurs={"P104.3": 12})]}
    with pytest.raises(DecodeError, match="deux valeurs"):
        hubeau.decode([page(twice, "services-1-1")])


# -- the others


def test_the_original_lines_of_shared_trips_decode() -> None:
    path = SHARED / "territory/mobilite/rpc_trajets_covoiturage_epci_2024.csv"
    if not path.is_file():
        pytest.skip("../shared absent : octets d'origine du registre de covoiturage non lus")
    rows = rpc.decode([page(path.read_bytes())], make_territory()).to_pylist()
    assert {row["territoryid"]: row["valeur"] for row in rows} == {"200042190": 12913.0, "245901160": 30606.0}


def test_risks_that_are_announced_must_be_there() -> None:
    entry = {"code_insee": "59002", "libelle_commune": "ABSCON", "risques_detail": []}
    (row,) = georisques.decode([page({"results": 1, "data": [entry]}, "risques-1")]).to_pylist()
    assert row["libelle_risque_long"] is None  # known to the base, without a risk
    with pytest.raises(SourceContentError, match="annoncées"):
        georisques.decode([page({"results": 2, "data": [entry]}, "risques-1")])
    with pytest.raises(DecodeError, match="deux fois"):
        georisques.decode([page({"results": 2, "data": [entry, entry]}, "risques-1")])


def test_a_share_of_purchases_is_between_0_and_1() -> None:
    head = ",".join(macantine.SCHEMA.names)
    assert macantine.decode([page(f"{head}\n2023,1,59002,0.2,\n".encode())], "59").num_rows == 1
    for cell in ("20", "-0.1", "vingt"):
        with pytest.raises(DecodeError):
            macantine.decode([page(f"{head}\n2023,1,59002,{cell},\n".encode())], "59")


def test_campaigns_are_not_mixed() -> None:
    head = "MILLESIME;SURFACE_HA;CODE_COMMUNE_INSEE\n"
    good = f"{head}2022;1.25;59002\n2022;2.5;59002\n"
    assert pac.decode([page(good.encode())], "59").to_pylist() == [
        {"millesime": 2022, "code_commune_insee": "59002", "parcelles": 2, "surface_ha": 3.75}
    ]
    for wrong in (good.replace("2022;2.5", "2023;2.5"), good.replace("2.5", ""), good.replace("1.25", "-1")):
        with pytest.raises(DecodeError):
            pac.decode([page(wrong.encode())], "59")


@pytest.mark.parametrize("kind", ["truncated", "html", "wrong_schema", "empty", "server_error", "withdrawn"])
@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("cartofriches/sites", "static.data.gouv.fr"),
        ("ofgl/comptes", ofgl.HOST),
        ("georisques/risques", georisques.HOST),
        ("hubeau/services_eau", hubeau.HOST),
        ("agreste/sau_communes", agreste.HOST),
        ("sinoe/collecte", sinoe.HOST),
    ],
)
def test_each_fault_of_a_publisher_is_said(
    portal: Portal, ctx: FetchContext, name: str, host: str, kind: str
) -> None:
    portal.faults.add_json(json.dumps({"host": host, "prefix": "/", "kind": kind}).encode())
    with pytest.raises(SourceError) as caught:
        land(DATASETS[name], ctx)
    assert caught.value.what and caught.value.where and caught.value.todo


def test_the_demonstration_says_where_its_tables_come_from() -> None:
    with (Path(FIGURES) / "sources.csv").open(encoding="utf-8", newline="") as file:
        kinds = {row["table"]: row["nature"] for row in csv.DictReader(file)}
    for dataset in DATASETS.values():
        simulated = specs()[dataset.table_name].simulate is not None
        assert (kinds[dataset.table_name] == "simule") is simulated, dataset.id
