"""Excel workbooks: one sheet of figures with French headings, one sheet that says what they are.

Dates inside the file are those of the release, never of the clock, so that the same figures give the same bytes.
Texts are written as texts: a note that begins with « = » stays a note.

Not here: CSV and Parquet (`exports_rows`).
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]

HEADINGS = {
    "indicateur": "Indicateur",
    "territoire_niveau": "Niveau",
    "territoire_code": "Code",
    "territoire": "Territoire",
    "periode": "Période",
    "ventilation": "Ventilation",
    "valeur": "Valeur",
    "unite": "Unité",
    "borne_basse": "Borne basse",
    "borne_haute": "Borne haute",
    "statut": "Statut",
    "nature": "Nature",
    "note": "Note",
    "millesime": "Millésime",
    "source": "Source",
    "licence": "Licence",
}
WORDS = {
    "definitif": "définitif",
    "provisoire": "provisoire",
    "estime": "estimé",
    "secret": "secret statistique",
    "manquant": "non disponible",
    "publie": "publié",
    "recalcule": "recalculé",
    "saisi": "saisi",
    "simule": "simulé",
}
_WIDTHS = {"territoire": 30, "unite": 26, "note": 40, "source": 34, "indicateur": 26, "licence": 20}


def workbook_bytes(
    columns: Sequence[str], rows: Sequence[Row], readme: Sequence[tuple[str, str]], *, nuit: str, titre: str
) -> bytes:
    """An .xlsx file.

    Args:
        columns: of the rows, in order. readme: (heading, text) lines of the sheet « Lisez-moi ». nuit: ISO date
            written as the creation date. titre: of the document's properties.
    """
    import xlsxwriter  # only where a workbook is written

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    created = dt.datetime.combine(dt.date.fromisoformat(nuit), dt.time())
    book.set_properties({"title": titre, "author": "Observatoire 2044", "created": created})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    number = book.add_format({"num_format": "#,##0.########"})
    whole = book.add_format({"num_format": "#,##0"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("Données")
    lines = list(readme)
    for j, column in enumerate(columns):
        sheet.write_string(0, j, HEADINGS.get(column, column), bold)
        sheet.set_column(j, j, _WIDTHS.get(column, 13))
    for i, row in enumerate(rows, start=1):
        for j, column in enumerate(columns):
            value = row[column]
            if value is None or value == "":
                continue
            if isinstance(value, float):
                sheet.write_number(i, j, value, whole if value == int(value) else number)
            elif column in ("statut", "nature"):
                sheet.write_string(i, j, WORDS.get(str(value), str(value)))
            else:
                sheet.write_string(i, j, str(value))
    sheet.freeze_panes(1, 0)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    about = book.add_worksheet("Lisez-moi")
    about.set_column(0, 0, 24)
    about.set_column(1, 1, 100)
    for i, (head, text) in enumerate(lines):
        about.write_string(i, 0, head, bold)
        about.write_string(i, 1, text, wrap)
    book.close()
    return buffer.getvalue()
