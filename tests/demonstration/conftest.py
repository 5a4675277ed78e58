"""Fixtures of the demonstration tests: the tables in git, and the reference figures kept beside the project."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.demonstration.reference import Figures, read
from tests.officiel.counts import COMPARED, pytest_terminal_summary  # noqa: F401  (a hook)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def folder() -> Path:
    """`warehouse/demonstration`."""
    return ROOT / "warehouse/demonstration"


@pytest.fixture(scope="session")
def table(folder: Path) -> Callable[[str], list[dict[str, str]]]:
    """Rows of a demonstration table, all texts."""
    cache: dict[str, list[dict[str, str]]] = {}

    def read(name: str) -> list[dict[str, str]]:
        if name not in cache:
            with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
                cache[name] = list(csv.DictReader(stream))
        return cache[name]

    return read


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """The reference figures kept beside the project (tests only); skips with the reason of `shared`."""
    return shared / "data"


@pytest.fixture(scope="session")
def members(shared_data: Path) -> dict[str, Mapping[str, str]]:
    """Code → row of the perimeter of 2025, another file than the one the demonstration came from."""
    rows = read(shared_data / "geo/epci_caph_cavm_communes_2025.csv", ",")
    assert Counter(r["epci_siren"] for r in rows) == {"200042190": 47, "245901160": 35}
    return {r["code_commune"]: r for r in rows}


@pytest.fixture
def compare(record_property) -> Callable[[str, Figures, Figures], None]:
    """Compares two contents key by key and records how many figures it compared."""

    def check(name: str, found: Figures, expected: Figures) -> None:
        assert found.keys() == expected.keys(), (name, sorted(found.keys() ^ expected.keys())[:5])
        wrong = {key: (found[key], expected[key]) for key in expected if found[key] != expected[key]}
        assert not wrong, (name, len(wrong), list(wrong.items())[:5])
        assert expected
        record_property(COMPARED, ("demonstration tables", name, len(expected), ""))

    return check
