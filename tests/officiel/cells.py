"""Reads one official figure in a reference file, found by what its column `cellule` says. No figure stands here.

The little language (French, as the table is read by stewards), parts separated by ` | `:

    valeur: MED19 | où: CODGEO=59172            the one row that fits, and its column
    somme: a + b - c | où: …                    sum of columns over the rows that fit
    … | sur: nb_total                           divided by another sum over the same rows
    … | moins: a - b | moins où: …              minus a sum over other rows of the file
    … | fois: 12                                times a number
    moyenne: apl | poids: file#weight#code=own  mean over the rows, weighted by a column of another file
    compte: lignes | où: …                      number of rows that fit
    feuille: txcho_ze | cellule: CA215          a cell of an original workbook (xls, xlsx)
    texte: Ensemble ([0-9 ]+)                   the only match of a pattern in a text page
    vide: secret   or   vide: 0                 how an empty cell of the columns read is meant (else: an error)

A condition is `column=value`, `column=a ou b`, `column=` (empty), or `column dans file#column[column=value]`;
several are separated by `, `. The header of a CSV is its first line that holds every column named.

Not here: what the observatory published (comparison.py) and the table of official figures (reader.py).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from flows.core.errors import ObservatoireError

KEYS = {"valeur", "somme", "moyenne", "compte", "cellule", "texte"}
OPTIONS = {"où", "sur", "moins", "moins où", "fois", "poids", "feuille", "vide"}


class CellError(ObservatoireError):
    """An official figure cannot be found, or is not where and what `cellule` says."""


@dataclass(frozen=True)
class Secret:
    """The file suppresses this figure: it is neither a number nor zero."""


@dataclass(frozen=True)
class Cell:
    """A parsed `cellule`: what is read (`kind`, `text`) and how."""

    kind: str
    text: str
    options: Mapping[str, str] = field(default_factory=dict)


def parse(cellule: str) -> Cell:
    """Parses a `cellule`.

    Raises:
        CellError: an unknown or doubled part, or not exactly one thing to read.
    """
    parts: dict[str, str] = {}
    for part in cellule.split(" | "):
        name, colon, text = part.partition(":")
        name, text = name.strip(), text.strip()
        if not colon or name not in KEYS | OPTIONS or name in parts:
            raise CellError(
                f"La partie « {part} » n'est pas comprise.",
                where=cellule,
                todo="voir l'en-tête de tests/officiel/cells.py.",
            )
        parts[name] = text
    kinds = [name for name in parts if name in KEYS]
    if len(kinds) != 1:
        raise CellError(
            "Il faut lire exactement une chose.", where=cellule, todo=f"garder une partie parmi {sorted(KEYS)}."
        )
    kind = kinds[0]
    return Cell(kind, parts.pop(kind), parts)


def figure(shared: Path, fichier: str, cellule: str) -> Decimal | Secret:
    """The official figure, in the unit of its file.

    Args:
        shared: folder of the reference figures; `fichier` is relative to it.

    Raises:
        CellError: file, column, row or number not found, several rows where one was due, or an empty cell whose
            meaning `cellule` does not say.
    """
    cell = parse(cellule)
    where = f"{fichier}, {cellule}"
    try:
        if cell.kind == "cellule":
            return _number(_of_workbook(shared / fichier, cell), where, cell)
        if cell.kind == "texte":
            return _number(_of_text(shared / fichier, cell.text), where, cell)
        return _of_table(shared, fichier, cell, where)
    except CellError as error:
        if error.where:
            raise
        raise CellError(error.what, where=where, todo=error.todo) from error


def _number(written: str, where: str, cell: Cell) -> Decimal | Secret:
    text = re.sub(r"\s", "", written).replace(",", ".")
    if text == "s" or (text == "" and cell.options.get("vide") == "secret"):
        return Secret()
    if text == "" and cell.options.get("vide") == "0":
        return Decimal(0)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise CellError(f"« {written} » n'est pas un nombre.", where=where) from None


def _of_workbook(path: Path, cell: Cell) -> str:
    match = re.fullmatch(r"([A-Z]{1,3})([1-9]\d*)", cell.text)
    if not match or "feuille" not in cell.options:
        raise CellError("Une cellule de classeur se dit « feuille: … | cellule: C12 ».")
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    sheet = _sheet(path, cell.options["feuille"])
    row = int(match[2])
    if row > len(sheet) or column > len(sheet[row - 1]):
        raise CellError(f"La feuille n'a pas de cellule {cell.text}.")
    return str(sheet[row - 1][column - 1])


@lru_cache(maxsize=8)
def _sheet(path: Path, name: str) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    if name not in book.sheet_names:
        raise CellError(f"Le classeur n'a pas de feuille « {name} ».")
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _of_text(path: Path, pattern: str) -> str:
    found = re.findall(pattern, path.read_text(encoding="utf-8"))
    if len(found) != 1 or not isinstance(found[0], str):
        raise CellError(f"Le motif doit se trouver une fois, avec un seul groupe ; trouvé {len(found)} fois.")
    return found[0]


def _of_table(shared: Path, fichier: str, cell: Cell, where: str) -> Decimal | Secret:
    conditions = cell.options.get("où", "")
    if cell.kind == "compte":
        if cell.text != "lignes":
            raise CellError("On compte des lignes : « compte: lignes ».")
        return Decimal(len(_rows(shared, fichier, [], conditions)))
    if cell.kind == "moyenne":
        return _mean(shared, fichier, cell, where)
    terms = _terms(cell.text)
    total = _sum(_rows(shared, fichier, [c for _, c in terms], conditions), terms, where, cell)
    if cell.kind == "valeur":
        return total
    if isinstance(total, Secret):
        raise CellError("Une somme ne peut pas contenir un secret.", where=where)
    if "moins" in cell.options:
        other = _terms(cell.options["moins"])
        rows = _rows(shared, fichier, [c for _, c in other], cell.options.get("moins où", ""))
        total -= _plain(_sum(rows, other, where, cell), where)
    if "sur" in cell.options:
        below = _terms(cell.options["sur"])
        total /= _plain(_sum(_rows(shared, fichier, [c for _, c in below], conditions), below, where, cell), where)
    return total * Decimal(cell.options.get("fois", "1"))


def _terms(expression: str) -> list[tuple[int, str]]:
    """`a + b - c` → signed columns; the signs are between blanks, as column names may hold a hyphen."""
    parts = re.split(r" ([+-]) ", f" + {expression}")
    return [(1 if sign == "+" else -1, column.strip()) for sign, column in zip(parts[1::2], parts[2::2], strict=True)]


def _sum(rows: list[dict[str, str]], terms: list[tuple[int, str]], where: str, cell: Cell) -> Decimal | Secret:
    if cell.kind == "valeur" and (len(rows) != 1 or len(terms) != 1):
        raise CellError(
            f"Une valeur est dans une ligne et une colonne ; {len(rows)} lignes conviennent.", where=where
        )
    if not rows:
        raise CellError("Aucune ligne ne convient.", where=where)
    total = Decimal(0)
    for row in rows:
        for sign, column in terms:
            value = _number(row[column], where, cell)
            if isinstance(value, Secret):
                return value
            total += sign * value
    return total


def _plain(value: Decimal | Secret, where: str) -> Decimal:
    if isinstance(value, Secret):
        raise CellError("Une somme ne peut pas contenir un secret.", where=where)
    return value


def _mean(shared: Path, fichier: str, cell: Cell, where: str) -> Decimal:
    try:
        file, weight, link = cell.options["poids"].split("#")
        code, own = link.split("=")
    except (KeyError, ValueError):
        raise CellError("Une moyenne dit ses poids : « poids: fichier#poids#code=code ici ».", where=where) from None
    weights = {row[code]: row[weight] for row in table(shared / file, [weight, code])}
    top = bottom = Decimal(0)
    for row in _rows(shared, fichier, [cell.text, own], cell.options.get("où", "")):
        if row[own] not in weights:
            raise CellError(f"Aucun poids pour {row[own]}.", where=where)
        share = _plain(_number(weights[row[own]], where, cell), where)
        top += _plain(_number(row[cell.text], where, cell), where) * share
        bottom += share
    if not bottom:
        raise CellError("Aucune ligne ne convient.", where=where)
    return top / bottom


def _rows(shared: Path, fichier: str, columns: list[str], conditions: str) -> list[dict[str, str]]:
    tests = [_condition(shared, text) for text in conditions.split(", ") if text]
    rows = table(shared / fichier, [*columns, *(column for column, _ in tests)])
    return [row for row in rows if all(row[column] in accepted for column, accepted in tests)]


def _condition(shared: Path, text: str) -> tuple[str, frozenset[str]]:
    if " dans " in text and "=" not in text.split(" dans ")[0]:
        column, target = text.split(" dans ", 1)
        match = re.fullmatch(r"([^#]+)#([^\[]+)(?:\[(.*)\])?", target)
        if not match:
            raise CellError(f"La condition « {text} » n'est pas comprise.")
        rows = _rows(shared, match[1], [match[2]], match[3] or "")
        return column, frozenset(row[match[2]] for row in rows)
    column, equal, value = text.partition("=")
    if not equal:
        raise CellError(f"La condition « {text} » n'est pas comprise.")
    return column.strip(), frozenset(value.split(" ou "))


def table(path: Path, columns: list[str]) -> list[dict[str, str]]:
    """The rows of a CSV below the first line that holds every column named; only those columns.

    Raises:
        CellError: no such line, or a column named twice in it.
    """
    if not path.is_file():
        raise CellError("Le fichier n'existe pas.", todo="vérifier la colonne « fichier » de tests/officiel.csv.")
    for delimiter in (";", ",", "\t"):
        lines = _lines(path, delimiter)
        for number, line in enumerate(lines[:12]):
            titles = [title.strip() for title in line]
            if len(titles) > 1 and set(columns) <= set(titles):
                if any(titles.count(column) > 1 for column in columns):
                    raise CellError("Une colonne lue porte le même titre qu'une autre.")
                places = {column: titles.index(column) for column in columns}
                last = max(places.values(), default=0)
                return [
                    {column: row[place].strip() for column, place in places.items()}
                    for row in lines[number + 1 :]
                    if len(row) > last
                ]
    raise CellError(f"Aucune ligne de titres n'a les colonnes {columns}.")


@lru_cache(maxsize=64)
def _lines(path: Path, delimiter: str) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream, delimiter=delimiter))
