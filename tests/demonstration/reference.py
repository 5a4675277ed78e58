"""How the tests of the demonstration read the reference files: plain readers, apart from the carrying-over's own.

Not here: what is compared (test_demonstration_shared_*.py).
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

Figures = dict[tuple[str, ...], Any]


def read(path: Path, delimiter: str = ";", header: int = 0) -> list[dict[str, str]]:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return list(csv.DictReader(lines[header:], delimiter=delimiter))


def number(text: str) -> Decimal | None:
    """A figure as written in a French or English file; None when suppressed or absent."""
    return None if text in ("", "s", "so") else Decimal(text.replace(",", "."))


def workbook(path: Path, sheet: str) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
