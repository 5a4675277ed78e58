"""Deposits for tests: a reference of four indicators and three territories, rows, and files made of them.

Not here: assertions.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import xlsxwriter

from flows.sources.saisies_cells import HEADER
from flows.sources.saisies_rules import Awaited, Reference

NUIT = dt.date(2026, 11, 20)
AWAITED = {
    one.indicateur: one
    for one in (
        Awaited("rehabilitations", "Réhabilitations", "Service habitat", "logements/an", "", 0, 3000, 50),
        Awaited("surface", "Surface", "Service environnement", "m²/an"),
        Awaited("part", "Part", "Direction des finances", "%", "", 0, 100, None, None, ("epci",)),
        Awaited("usagers", "Usagers", "Réseau de lecture", "usagers", "Usagers", 0, None, None, 5),
    )
}
PLACES = {("epci", "200042190"): "EPCI", ("commune", "59172"): "Denain", ("commune", "59002"): "Abscon"}


def reference(**changes: Any) -> Reference:
    """The reference of every test, with some parts changed."""
    told: dict[str, Any] = {
        "awaited": AWAITED,
        "known": frozenset({*AWAITED, "population"}),
        "territories": PLACES,
        "nuit": NUIT,
        "references": frozenset({("departement", "59")}),
    }
    return Reference(**{**told, **changes})


def row(**cells: str) -> dict[str, str]:
    """One right row, with some cells changed."""
    told = {
        "indicateur_id": "rehabilitations",
        "territoire_type": "epci",
        "territoire_code": "200042190",
        "periode": "2024",
        "valeur": "412",
        "unite": "logements/an",
        "statut": "definitif",
        "source": "bilan PLH",
        "saisi_par": "Service habitat",
        "date_saisie": "2025-03-31",
        "commentaire": "",
    }
    return told | cells


def csv_of(
    *rows: dict[str, str], sep: str = ";", end: str = "\r\n", encoding: str = "utf-8", header: Any = HEADER
) -> bytes:
    """A CSV of these rows: cells are quoted when they hold the separator."""

    def cell(text: str) -> str:
        return f'"{text}"' if sep in text else text

    lines = [sep.join(header), *(sep.join(cell(r.get(name, "")) for name in header) for r in rows)]
    return (end.join(lines) + end).encode(encoding)


def xlsx_of(*rows: dict[str, Any], sheet: str = "Saisie", formulas: bool = False) -> bytes:
    """A workbook of these rows: numbers and dates as such, the rest as text."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": formulas})
    page = book.add_worksheet(sheet)
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    for j, name in enumerate(HEADER):
        page.write_string(0, j, name)
    for i, told in enumerate(rows, start=1):
        for j, name in enumerate(HEADER):
            value = told.get(name, "")
            if isinstance(value, dt.date):
                page.write_datetime(i, j, dt.datetime.combine(value, dt.time()), date)
            elif value != "":
                page.write(i, j, value)
    book.close()
    return buffer.getvalue()
