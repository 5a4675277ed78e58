"""Reading a service's deposit written as CSV: encoding, separator, header, rows as text, problems with their line.

Not here: what a cell means (saisies_cells) and what rows may say (saisies_rules). UTF-8 and Windows-1252 are taken,
with or without BOM, any line end, `;` or `,`. Columns are found by their names, so their order is free; a name that
is missing, repeated or unknown refuses the file, because what stands under it would be guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from flows.sources.saisies_cells import HEADER, Problem, RawRow, Sheet, folded, plain

MAX_BYTES = 5_000_000
MAX_ROWS = 5_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# UTF-8 read as Windows-1252 and saved again: « Ã© » stands where « é » stood.
_TWICE = re.compile("Ã[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u2013-\u203a\u20ac\u2122]|â€")
_AGAIN = "partir du modèle (« observatoire saisie modele »), ou enregistrer le fichier au format « CSV UTF-8 »."


def read_csv(body: bytes, due: Sequence[str] = HEADER) -> Sheet:
    """Rows of a CSV as text, and every problem met; no error is raised for what the bytes hold.

    `due`: the columns of the contract.
    """
    sheet = Sheet(form="CSV")
    text, encoding = _text(body, sheet)
    if text is None:
        return sheet
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if not first:
        sheet.problems.append(Problem(1, "", "le fichier est vide", _AGAIN))
        return sheet
    separator = max((";", ","), key=first.count)
    told = "point-virgule" if separator == ";" else "virgule"
    sheet.form = f"CSV, {encoding}, séparateur {told}"
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: list[str] | None = None
    previous = 0
    try:
        for cells in reader:
            line, previous = previous + 1, reader.line_num
            if not any(plain(cell) for cell in cells):
                continue
            if columns is None:
                columns = header(cells, line, sheet, due)
                if columns is None:
                    return sheet
                continue
            if len(sheet.rows) >= MAX_ROWS:
                sheet.problems.append(too_many(line))
                return sheet
            add(sheet, line, columns, cells, due)
    except csv.Error:
        sheet.problems.append(
            Problem(
                max(reader.line_num, 1),
                "",
                "un guillemet n’est pas fermé, ou une cellule est démesurée",
                "entourer de guillemets la cellule qui en contient et doubler ceux de l’intérieur.",
            )
        )
    return sheet


def too_many(line: int) -> Problem:
    """The problem of a file with more rows than a deposit may have."""
    todo = "le couper en plusieurs dépôts (un par service et période)."
    return Problem(line, "", f"le fichier a plus de {MAX_ROWS} lignes", todo)


def header(cells: list[str], line: int, sheet: Sheet, due: Sequence[str] = HEADER) -> list[str] | None:
    """Names of the columns by position ("" under an empty heading); None, with its problems, when refused."""
    names = [plain(cell).casefold() for cell in cells]
    while names and not names[-1]:
        names.pop()
    exact = "écrire exactement « " + ";".join(due) + " »."
    missing = [name for name in due if name not in names]
    if len(missing) > len(due) // 2:
        sheet.problems.append(Problem(line, "", "l’en-tête du contrat de dépôt est absent", exact))
        return None
    before = len(sheet.problems)
    sheet.problems += [Problem(line, name, "la colonne manque", exact) for name in missing]
    sheet.problems += [
        Problem(line, name, "la colonne est écrite deux fois", exact) for name in due if names.count(name) > 1
    ]
    for name in dict.fromkeys(n for n in names if n and n not in due):
        near = next((one for one in missing if folded(one) == folded(name.replace(" ", "_"))), "")
        todo = f"la nommer « {near} »." if near else "retirer cette colonne ; ce qu’elle dit va dans « commentaire »."
        sheet.problems.append(Problem(line, name[:40], "cette colonne n’est pas au contrat", todo))
    return names if len(sheet.problems) == before else None


def add(sheet: Sheet, line: int, columns: list[str], cells: list[str], due: Sequence[str] = HEADER) -> None:
    """Keep one row by the names of its columns, or say why it cannot be."""
    texts = [plain(cell) for cell in cells]
    surplus = [text for text in texts[len(columns) :] if text]
    stray = [text for name, text in zip(columns, texts, strict=False) if not name and text]
    if surplus or stray or len(texts) < len(columns):
        sheet.problems.append(
            Problem(
                line,
                "",
                f"la ligne a {len(columns) + len(surplus) if surplus else len(texts)} cellules"
                f" pour {len(columns)} colonnes"
                if not stray
                else "une cellule est écrite sous une colonne sans nom",
                "vérifier les séparateurs ; un nombre écrit avec une virgule se met entre guillemets si la virgule "
                "sépare les colonnes.",
            )
        )
        return
    sheet.rows.append(RawRow(line, {name: texts[columns.index(name)] for name in due}))


def _text(body: bytes, sheet: Sheet) -> tuple[str | None, str]:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        sheet.problems.append(Problem(0, "", "le fichier est en UTF-16", _AGAIN))
        return None, ""
    encoding = "UTF-8"
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text, encoding = body.decode("cp1252"), "Windows-1252"
        except UnicodeDecodeError as error:
            line = body.count(b"\n", 0, error.start) + 1
            reason = "le fichier n’est ni en UTF-8 ni en Windows-1252"
            sheet.problems.append(Problem(line, "", reason, _AGAIN))
            return None, ""
    # Line ends of an old Mac are line ends too.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        reason = f"un caractère de contrôle invisible (U+{ord(found[0]):04X}) est écrit dans le fichier"
        sheet.problems.append(Problem(line, "", reason, _AGAIN))
        return None, ""
    if found := _TWICE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        sheet.problems.append(Problem(line, "", f"les accents sont abîmés (« {found[0]} »)", _AGAIN))
        return None, ""
    return text, encoding
