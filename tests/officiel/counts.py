"""Prints, at the end of a test run, how many figures were compared with the reference files.

A test records `COMPARED` with (heading, what, count, remark). The hook works from any conftest and prints once:
`from tests.officiel.counts import pytest_terminal_summary` in `tests/conftest.py` makes it work under xdist too,
where the conftest files of sub-folders are not loaded by the process that prints. Not here: any comparison.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

COMPARED = "figures compared"
_PRINTED = pytest.StashKey[bool]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """One section a heading, one line a thing compared, and the total when they add up."""
    if config.stash.get(_PRINTED, False):
        return
    config.stash[_PRINTED] = True
    sections: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", ()):
                if name == COMPARED:
                    heading, what, count, remark = value
                    sections[heading][what] = (count, remark)
    for heading, lines in sorted(sections.items()):
        terminalreporter.section(f"{COMPARED}: {heading}")
        for what, (count, remark) in sorted(lines.items()):
            terminalreporter.write_line(f"{what}: {count}{remark and '; '}{remark}")
        if len(lines) > 1 and not any(remark for _, remark in lines.values()):
            terminalreporter.write_line(f"total: {sum(count for count, _ in lines.values())}")
