"""Observatoire des territoires: young people neither in employment nor in education, lines as the site gave them.

Not here: France, of which no line is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.reading import Row, rows

CONTRACTS = {
    "odt__non_inseres": Contract(
        columns("niveau, codgeo, libgeo, an int, valeur_brute"), ("niveau", "codgeo", "an"), "codgeo", "niveau"
    )
}
FILES = {
    "COM": "communes_2008_2013_2018",
    "EPCI": "epci_2008_2013_2018",
    "DEP": "departement",
    "REG": "region",
}


def non_inseres(shared: Path) -> Iterator[Row]:
    """odt__non_inseres: shares in percent, decimal comma kept."""
    for level, name in FILES.items():
        for row in rows(shared / f"social/neet/odt_neet_15_24_{name}.csv", ";"):
            yield {
                "niveau": level,
                "codgeo": row["codgeo"],
                "libgeo": row["libgeo"],
                "an": row["an"],
                "valeur_brute": row["part_non_inseres"],
            }


CARRIERS = {"odt__non_inseres": non_inseres}
