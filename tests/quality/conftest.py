"""Suites loaded once, and the parameters a flow would give."""

from __future__ import annotations

import datetime as dt

import pytest

from flows.quality.suites import Suite, load_suites
from tests.quality import frames


@pytest.fixture(scope="session")
def suites() -> dict[str, Suite]:
    return load_suites(frames.ROOT / "expectations")


@pytest.fixture(scope="session")
def parameters() -> dict:
    return {
        "nuit": dt.date(2026, 11, 20),
        "communes": frames.communes(),
        "absences": [],
        "epcis": sorted(set(frames.communes().values())),
        "departement": "59",
        "zone_emploi": "3222",
    }
