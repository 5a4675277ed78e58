"""CNAF, SSMSI, LOVAC, RNA, RPLS, Urssaf, Dares: the publishers' own bytes, figures through the portal, refusals.

Not here: rates and bounds (unit tests of the indicators), what a decoder refuses (test_sources_social_decoders.py),
the protocols (tests/sources_b).
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.datasets import Dataset, FetchContext, Page
from flows.core.errors import SourceContentError, SourceError
from flows.portal import Portal
from flows.portal.figures import Figures
from flows.sources import caf, dares, lovac, registry, rna, rpls, ssmsi, urssaf
from flows.sources.http import HttpClient
from tests.sources.conftest import ROOT, context

FIGURES = ROOT / "warehouse/demonstration"
MODULES = (caf, dares, lovac, rna, rpls, ssmsi, urssaf)
NAMES = (
    "caf/accueil_jeune_enfant",
    "caf/prestations",
    "dares/demandeurs_emploi",
    "lovac/parc_prive",
    "lovac/parts_communes",
    "rna/creations",
    "rpls/mises_en_service",
    "ssmsi/delinquance",
    "urssaf/effectifs",
)


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with Portal(FIGURES, dt.date(2026, 11, 20)) as running:
        yield running


@pytest.fixture
def ctx(portal: Portal, territory) -> Iterator[FetchContext]:
    with HttpClient(portal=portal.url, user_agent="tests", tries=1, deadline_s=10) as http:
        yield context(http, territory, communes=tuple(Figures(FIGURES).communes))
    portal.faults.clear()


def told(dataset: Dataset) -> list[dict[str, Any]]:
    """Rows of a demonstration table, drawn or stored, typed by the dataset's schema; an empty cell is null."""

    def typed(cell: str, field: pa.Field) -> Any:
        if cell == "":
            return "" if field.name == "est_diffuse" else None
        if pa.types.is_string(field.type):
            return cell
        if pa.types.is_date(field.type):
            return dt.date.fromisoformat(cell)
        return int(cell) if pa.types.is_integer(field.type) else float(cell)

    rows = Figures(FIGURES).table(dataset.table_name)
    return [{field.name: typed(row[field.name], field) for field in dataset.schema} for row in rows]


def order(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)


@pytest.mark.parametrize("name", NAMES)
def test_figures_survive_the_portal_the_client_and_the_decoder(territory, ctx, name):
    dataset = registry(territory)[name]
    landed: list[dict[str, Any]] = []
    pages: list[Page] = []
    for partition in dataset.partitions(ctx):
        fetched = list(dataset.fetch(ctx, partition))
        decoded = dataset.decode(fetched)
        assert decoded.schema.equals(dataset.schema)
        assert dataset.probe is None or dataset.probe(ctx, partition)
        pages += fetched
        landed += decoded.to_pylist()
    assert order(landed) == order(told(dataset))
    simulated = name in ("caf/accueil_jeune_enfant", "rpls/mises_en_service")
    assert any(page.simulated for page in pages) == simulated


@pytest.mark.parametrize("name", NAMES)
def test_a_renamed_column_is_refused_with_where_and_what_to_do(portal, territory, ctx, name):
    hosts = {
        "caf": caf.HOST,
        "dares": dares.HOST,
        "urssaf": urssaf.HOST,
        "lovac": "static.data.gouv.fr",
        "rna": "static.data.gouv.fr",
        "rpls": "static.data.gouv.fr",
        "ssmsi": "static.data.gouv.fr",
    }
    dataset = registry(territory)[name]
    host = "raw.githubusercontent.com" if name == "lovac/parts_communes" else hosts[dataset.provider]
    from flows.portal import Kind

    portal.faults.add(host, "/", Kind.WRONG_SCHEMA)
    for partition in list(dataset.partitions(ctx))[:1]:
        with pytest.raises(SourceError) as raised:
            dataset.decode(list(dataset.fetch(ctx, partition)))
        assert raised.value.what and raised.value.where and raised.value.todo


def test_nothing_is_asked_of_the_whole_country(territory, ctx):
    without = context(ctx.http, territory, communes=())
    for name in ("caf/prestations", "dares/demandeurs_emploi", "urssaf/effectifs"):
        dataset = registry(territory)[name]
        (partition,) = dataset.partitions(without)
        with pytest.raises(SourceContentError, match="Aucune commune"):
            list(dataset.fetch(without, partition))


# --- the publishers' own bytes ------------------------------------------------------------------------------------


def page(body: bytes, name: str = "data") -> Page:
    return Page("https://editeur.example/fichier", body, name=name)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "column", "year", "victims"),
    [
        ("ssmsi_donnee-dep-2023_dep59.csv", "departement", 2023, 11971.0),
        ("ssmsi_donnee-dep-2024_dep59.csv", "departement", 2024, 10102.0),
        ("ssmsi_donnee-reg-2023_reg32.csv", "region", 2023, 25917.0),
    ],
)
def test_both_headers_of_the_ministry_are_read(shared: Path, territory, file, column, year, victims):
    body = (shared / "data/social/delinquance" / file).read_bytes()
    rows = ssmsi.decode([page(body)], territory).to_pylist()
    assert [row["annee"] for row in rows] == list(range(2016, year + 1))
    assert {row["niveau"] for row in rows} == {column}
    assert rows[-1]["nombre"] == victims and rows[-1]["unite_de_compte"] == "Victime"
    for row in rows:  # the publisher's own rate is its number over its population, to its last decimal
        assert row["taux_pour_mille"] == pytest.approx(1000 * row["nombre"] / row["insee_pop"], abs=1e-7)


@pytest.mark.shared
def test_the_vacancy_files_are_read_in_windows_1252(shared: Path):
    rows = lovac.decode(
        [page((shared / "data/social/lovac/lovac_opendata_dep_hdf.csv").read_bytes(), "data-departements")], "59"
    ).to_pylist()
    found = {(row["annee"], row["mesure"]): row["valeur_brute"] for row in rows}
    assert found[2024, "pp_total"] == "1006355" and found[2025, "pp_vacant_plus_2ans"] == "35956"
    assert (2025, "pp_total") not in found
    body = (shared / "data/territory/logement/lovac_vacance_parc_prive_communes_2021_2022.csv").read_bytes()
    shares = {row["comm_insee"]: row for row in lovac.decode_shares([page(body)], "59").to_pylist()}
    assert len(shares) == 67 and shares["59172"]["prop_logvac_pp_2a_010121"] == 10.0
    assert shares["59172"]["nb_log_pp_2022"] == 6631.0 and shares["59144"]["nom_com"] == "Château-l'Abbaye"
    assert sum(row["prop_logvac_pp_2a_010121"] is None for row in shares.values()) == 6


@given(st.binary(max_size=200), st.sampled_from(NAMES))
def test_no_bytes_crash_a_decoder(body: bytes, name: str):
    """Whatever the bytes: a typed error, or a table."""
    from tests.sources_b.conftest import make_territory

    dataset = registry(make_territory())[name]
    roles = ("data", "data-departements", "metadata", "count", "export")
    roles += tuple(f"{kind}-{level}" for kind in ("count", "export") for level in caf.LEVELS)
    with pytest.raises(SourceError):
        dataset.decode([page(body, role) for role in roles])


def test_every_module_declares_its_datasets(territory):
    declared = {dataset.id for module in MODULES for dataset in module.datasets(territory)}
    assert declared == set(NAMES)
    with (FIGURES / "sources.csv").open(encoding="utf-8", newline="") as file:
        said = {row["table"].replace("__", "/", 1) for row in csv.DictReader(file)}
    assert declared <= said
