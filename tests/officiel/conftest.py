"""Fixtures of the official figures. `released`, the release they are compared with, comes from tests/conftest.py."""

from __future__ import annotations

from pathlib import Path

import pytest

COMPARED = "official figures compared"


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """The reference figures kept beside the project (tests only); skips with the reason of `shared`."""
    return shared / "data"


def pytest_terminal_summary(terminalreporter) -> None:
    """Says how many official figures were compared, and how many come from a file of the demonstration itself."""
    reports = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    counts = [value for report in reports for name, value in report.user_properties if name == COMPARED]
    for what, total, same, differing in counts:
        terminalreporter.section(COMPARED)
        terminalreporter.write_line(
            f"{what}: {total} official figures compared, {differing} differ; {same} of them are read in the very "
            "file that the demonstration came from (no other file states them)"
        )
