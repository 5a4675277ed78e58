"""Fixtures of the publishing tests: one tiny release, its charts drawn once."""

from __future__ import annotations

import pytest

from flows.publishing.charts import Chart, chart_of
from flows.publishing.figures import read_indicators
from tests.tiny_release import TinyRelease, tiny_release


@pytest.fixture(scope="session")
def release() -> TinyRelease:
    return tiny_release()


@pytest.fixture(scope="session")
def drawn(release: TinyRelease) -> dict[str, Chart]:
    """Charts of the indicators that have one, as the site draws them."""
    charts = {name: chart_of(one, release.nuit) for name, one in read_indicators(release).items()}
    return {name: chart for name, chart in charts.items() if chart is not None}
