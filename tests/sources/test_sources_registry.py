"""The registry: every dataset declared whole, and our own sources through the portal and the real client."""

from __future__ import annotations

import csv
import datetime as dt
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.core.datasets import LICENCES
from flows.core.errors import ConfigurationError
from flows.core.words import Niveau
from flows.sources import providers, registry
from flows.sources.http import HttpClient
from tests.sources.conftest import ROOT, context

DEMONSTRATION = ROOT / "warehouse/demonstration"
ROW = re.compile(r"^\| `([a-z_]+/[a-z0-9_]+)`(.*)\|$", re.M)


def documented() -> tuple[dict[str, str], dict[str, str]]:
    """Rows of the two generated tables of docs/sources.md: what each dataset is, then the columns it lands."""
    text = (ROOT / "docs/sources.md").read_text("utf-8")
    text = text.split("<!-- generated: datasets -->")[1].split("<!-- end: datasets -->")[0]
    about, columns = text.split("Columns as landed")
    return dict(ROW.findall(about)), dict(ROW.findall(columns))


def test_the_registry_is_whole_and_in_order(territory):
    found = registry(territory)
    assert list(found) == list(registry(territory)) and next(iter(found)) == "geo/communes"
    about, columns = documented()
    assert set(found) == set(about) == set(columns)


def test_every_dataset_says_what_a_steward_must_know(territory):
    for name, dataset in registry(territory).items():
        assert dataset.id == name and re.fullmatch(r"[a-z_]+/[a-z][a-z0-9_]*", name)
        assert dataset.licence in LICENCES and (dataset.page or dataset.steward or dataset.deposited)
        for text in (dataset.titre, dataset.editeur, dataset.attribution, dataset.periodicite):
            assert text.strip(), name
        assert dataset.absences or dataset.steward, name
        assert dataset.brut_public or dataset.raison_brut_prive, name
        assert dataset.periode_mois >= 0 and dataset.delai_mois >= 0 and dataset.decoder_version >= 1
        assert {str(n) for n in dataset.niveaux} <= {n.value for n in Niveau}, name
        assert dataset.accumulation != "cumulatif" or dataset.key, name


def test_columns_are_those_of_the_contract(territory):
    _, columns = documented()
    for name, dataset in registry(territory).items():
        written = [part.split()[0] for part in columns[name].rsplit("|", 1)[1].split(",")]
        assert written == dataset.schema.names, name


def test_partition_keys_are_slugs_and_stable(territory, portal_url):
    with HttpClient(portal=portal_url, user_agent="Observatoire-2044/test") as client:
        ctx = context(client, territory, communes=("59526",))
        for name, dataset in registry(territory).items():
            keys = [p.key for p in dataset.partitions(ctx)]
            assert keys == [p.key for p in dataset.partitions(ctx)] and len(set(keys)) == len(keys), name
            assert bool(keys) == (not dataset.deposited), name
            assert all(re.fullmatch(r"[a-z0-9-]+", key) for key in keys), name


def test_an_id_declared_twice_is_refused(territory, monkeypatch):
    names = [*providers(), "geo"]
    monkeypatch.setattr("flows.sources.providers", lambda: names)
    with pytest.raises(ConfigurationError, match="geo/communes"):
        registry(territory)


def test_the_registry_is_cheap_to_import():
    script = (
        "import sys, flows.sources\n"
        "from importlib import import_module\n"
        "for name in flows.sources.providers(): import_module('flows.sources.' + name)\n"
        "print([m for m in ('pandas', 'requests', 'python_calamine', 'duckdb', 'prefect') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def read(name: str) -> list[dict[str, str]]:
    with (DEMONSTRATION / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _named(row: dict, column: str) -> str:
    """A key as text; metropolitan France is coded 1 in the old Filosofi files and FM in the new."""
    return "FM" if column == "codgeo" and row.get("niveau") == "METROPOLE" else str(row[column])


def same(value: object, text: str) -> bool:
    if value is None:
        return text == ""
    if isinstance(value, int | float):
        return text != "" and float(text) == value
    return str(value) == text


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("geo/communes", ("code",)),
        ("insee/filosofi", ("geo_niveau", "geo_code", "time_period", "measure")),
        ("insee/populations", ("geo_niveau", "geo_code", "time_period", "measure")),
        ("insee/filosofi_fichiers", ("niveau", "codgeo", "annee", "mesure")),
        ("insee/chomage_ze", ("ze2020", "periode")),
        ("insee/chomage_departement", ("code", "periode")),
        ("insee/comparateur", ("codgeo", "variable")),
    ],
)
def test_figures_survive_the_portal_the_client_and_the_decoder(territory, portal_url, name, key):
    """What the portal serves in the publishers' formats comes back as the figures it was given, cell by cell."""
    dataset = registry(territory)[name]
    landed = {}
    with HttpClient(portal=portal_url, user_agent="Observatoire-2044/test") as client:
        ctx = context(client, territory)
        for partition in dataset.partitions(ctx):
            table = dataset.decode(list(dataset.fetch(ctx, partition)))
            assert table.schema.equals(dataset.schema)
            landed |= {tuple(_named(row, k) for k in key): row for row in table.to_pylist()}
    figures = read(name.replace("/", "__"))
    assert figures
    for row in figures:
        found = landed[tuple(_named(row, k) for k in key)]
        for column, text in row.items():
            if column in key or column in ("conf_status", "obs_status"):
                continue  # compared already; one form of a status among several that a publisher may give
            if name == "insee/filosofi_fichiers" and column == "valeur_brute":
                found = {**found, column: str(found[column]).replace(",", ".").removesuffix(".0")}
                text = text.replace(",", ".").removesuffix(".0")
                if row["annee"] == "2023" and not text:
                    text = "s"  # the long shape says the secret in a column of its own
            assert same(found[column], text), (row, found)


@pytest.fixture(scope="module")
def portal_url():
    from flows.portal import Portal

    if not Path(DEMONSTRATION / "geo__communes.csv").exists():
        pytest.fail("warehouse/demonstration holds no figures")
    with Portal(DEMONSTRATION, dt.date(2026, 11, 20)) as portal:
        yield portal.url
