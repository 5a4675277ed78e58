"""Fixtures of the official figures. `released`, the release they are compared with, comes from tests/conftest.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.officiel.counts import pytest_terminal_summary  # noqa: F401  (a hook)


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """The reference figures kept beside the project (tests only); skips with the reason of `shared`."""
    return shared / "data"
