"""Names of quarterly files that change each quarter: which to try, newest first.

Not here: asking for them. Insee writes the last quarter in the file name (`sl_etc_2025T3.xls`) and removes nothing we
could list, so a bounded list of recent names is derived from the night, never from a clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from flows.core.datasets import FetchContext, Page
from flows.core.errors import SourceWithdrawn

HOW_MANY = 16  # four years back: a publisher that late has stopped


def recent(nuit: dt.date, how_many: int = HOW_MANY) -> Iterator[tuple[int, int]]:
    """(year, quarter) of the quarters over before `nuit`, newest first."""
    year, quarter = nuit.year, (nuit.month - 1) // 3 + 1
    for _ in range(how_many):
        year, quarter = (year - 1, 4) if quarter == 1 else (year, quarter - 1)
        yield year, quarter


def newest(ctx: FetchContext, template: str, *, expect: str, name: str) -> Page:
    """The first page that exists among `template` filled with `year` and `quarter`, newest first.

    Raises:
        SourceWithdrawn: none of the names exists any more. Any other error of the client passes unchanged.
    """
    tried: list[str] = []
    for year, quarter in recent(ctx.nuit):
        address = template.format(year=year, quarter=quarter)
        try:
            return ctx.http.get(address, expect=expect, name=name)
        except SourceWithdrawn:
            tried.append(address)
    raise SourceWithdrawn(
        f"Aucun des {len(tried)} derniers noms de fichier n'existe chez l'éditeur.",
        where=f"de {tried[0]} à {tried[-1]}",
        todo="ouvrir la page du jeu de données et relever le nouveau nom du fichier (flows/sources/insee_files.py).",
    )
