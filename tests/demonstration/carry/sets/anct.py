"""France services places of the 82 communes, from the publisher's list of 1 August 2024.

Not here: telephones, mails, addresses and opening hours: the observatory does not read them.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from tests.demonstration.carry.contract import Contract, columns
from tests.demonstration.carry.reading import CarryError, Row, rows

NAMES = ("id_fs", "insee_dep", "lib_fs", "insee_com", "latitude", "longitude", "type_fs", "format_fs")

LISTED = "2024-08-01"  # in the name of the publisher's file


def services(shared: Path) -> list[Row]:
    """anct__france_services: one row a place; the label's day is read in its own words.

    Raises:
        CarryError: a label without a day.
    """
    result = []
    for row in rows(shared / "territory/services/france_services_liste_20240801_caph_cavm.csv"):
        day = re.search(r"(\d{2})/(\d{2})/(\d{4})", row["labellisation_fs"])
        if not day:
            raise CarryError(f"{row['id_fs']}: no day in « {row['labellisation_fs']} »")
        labelled = dt.date(int(day[3]), int(day[2]), int(day[1])).isoformat()
        kept = {name: row[name] for name in NAMES}
        result.append({**kept, "labellisation_fs": labelled, "date_liste": LISTED})
    return result


CONTRACTS = {
    "anct__france_services": Contract(
        columns(
            "id_fs, insee_dep, lib_fs, insee_com, latitude double, longitude double, type_fs, format_fs, "
            "labellisation_fs date, date_liste date"
        ),
        ("id_fs",),
        "insee_com",
        partial=True,
    ),
}
CARRIERS = {"anct__france_services": services}
