"""Strict reading of a steward's CSV: encoding, separator, header, typed cells, each refusal with its line and column.

Not here: what the rows of each table may say together (flows.sources.stewards, flows.sources.stewards_rules). Nothing
is guessed or repaired beyond what a spreadsheet adds by itself: a BOM, CRLF line ends, `;` instead of `,` (then a
decimal comma), French dates, trailing lines of separators. All refusals of a file are told at once, so that a steward
corrects it in one go.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from flows.core.errors import StewardTableError

Kind = Literal["text", "integer", "number", "date"]
_ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
}
_SHOWN = 12  # refusals quoted in one message: more would not be read

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,12})?")
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FRENCH = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Column:
    """One column: `pattern` must match the whole cell and `hint` says in French what is expected.

    `later`: added after files were accepted without it; such a file is still read, its cells being empty.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    hint: str = ""
    later: bool = False


@dataclass(frozen=True)
class Problem:
    """One refusal. `line` counts from 1 (the header); `column` may be empty when the whole line is meant."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class Row:
    """One typed row: `line` is its first line in the file. Empty texts are "", other empty cells None."""

    line: int
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass
class Reading:
    """What a file gave: typed rows that are right, and every problem met on the way."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    """Arrow schema of a table, in the order of its columns."""
    return pa.schema([pa.field(c.name, _ARROW[c.kind]) for c in columns])


def read(body: bytes, columns: Sequence[Column], address: str) -> Reading:
    """Typed rows of a CSV and its problems, in the order of the file.

    Raises:
        StewardTableError: nothing can be read at all (encoding, header, quoting): later lines would mean nothing.
    """
    text = _text(body, address)
    separator, header = _header(text, columns, address)
    written = [c for c in columns if c.name in header]
    reading = Reading()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    previous = 0
    try:
        for cells in reader:
            first, previous = previous + 1, reader.line_num
            if first == 1 or not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(written):
                reason = f"la ligne a {len(cells)} cellules au lieu de {len(written)}"
                reading.problems.append(Problem(first, "", reason))
                continue
            values: dict[str, Any] = {c.name: _typed("", c, separator)[0] for c in columns}
            for column, cell in zip(written, cells, strict=True):
                value, reason = _typed(cell.strip(), column, separator)
                values[column.name] = value
                if reason:
                    reading.problems.append(Problem(first, column.name, reason))
            reading.rows.append(Row(first, values))
    except csv.Error as error:
        raise StewardTableError(
            "Le fichier n'est pas un CSV lisible : un guillemet n'est pas fermé ou pas doublé.",
            where=f"{address}, ligne {max(reader.line_num, 1)} ({error})",
            todo="entourer de guillemets la cellule qui en contient et doubler ceux de l'intérieur.",
        ) from error
    return reading


def refuse(problems: Iterable[Problem], address: str) -> None:
    """Raise one StewardTableError telling every problem, in the order of the lines; nothing when there is none."""
    ordered = sorted(set(problems), key=lambda p: (p.line, p.column, p.reason))
    if not ordered:
        return
    told = [f"ligne {p.line}{f', colonne « {p.column} »' if p.column else ''} : {p.reason}" for p in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        told.append(f"et {len(ordered) - _SHOWN} autres")
    first = ordered[0]
    raise StewardTableError(
        f"La table est refusée ({len(ordered)} erreur{'s' if len(ordered) > 1 else ''}) — {' ; '.join(told)}.",
        where=f"{address}, ligne {first.line}" + (f", colonne {first.column}" if first.column else ""),
        todo="corriger ces lignes ; d'ici là, la dernière version acceptée de la table reste en vigueur.",
    )


def _text(body: bytes, address: str) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise StewardTableError(
            "Le fichier n'est pas en UTF-8.",
            where=f"{address}, ligne {line} (octet {error.start})",
            todo="l'enregistrer au format « CSV UTF-8 ».",
        ) from error
    if found := _CONTROL.search(text):
        raise StewardTableError(
            f"Le fichier contient un caractère de contrôle (U+{ord(found[0]):04X}).",
            where=f"{address}, ligne {text.count(chr(10), 0, found.start()) + 1}",
            todo="supprimer ce caractère invisible, ou enregistrer à nouveau le fichier au format « CSV UTF-8 ».",
        )
    # One accent, one writing: a file saved on a Mac decomposes accents and would not equal the same words elsewhere.
    return unicodedata.normalize("NFC", text)


def _header(text: str, columns: Sequence[Column], address: str) -> tuple[str, list[str]]:
    """The separator and the columns of the file: all of them, or all but those that came later."""
    expected, first = [c.name for c in columns], [c.name for c in columns if not c.later]
    if not text.strip():
        raise StewardTableError(
            "Le fichier est vide : même sans ligne, il garde son en-tête.",
            where=f"{address}, ligne 1",
            todo=f"remettre l'en-tête « {','.join(expected)} ».",
        )
    line = text.splitlines()[0]
    tried = {}
    for separator in (",", ";"):
        try:
            tried[separator] = [c.strip() for c in next(csv.reader([line], delimiter=separator, strict=True), [])]
        except csv.Error:
            continue
        if tried[separator] in (expected, first):
            return separator, tried[separator]
    names = max(tried.values(), key=lambda cells: (len(set(cells) & set(expected)), -len(cells)), default=[])
    missing = [n for n in expected if n not in names]
    surplus = [n for n in names if n not in expected]
    reasons = []
    if missing:
        reasons.append(f"il manque {', '.join(missing)}")
    if surplus:
        reasons.append(f"sont en trop {', '.join(surplus)}")
    told = " ; ".join(reasons) or "les colonnes ne sont pas dans cet ordre"
    raise StewardTableError(
        f"L'en-tête n'est pas celui de la table : {told}.",
        where=f"{address}, ligne 1",
        todo=f"écrire exactement « {','.join(expected)} » (séparateur « , » ou « ; »).",
    )


def _typed(cell: str, column: Column, separator: str) -> tuple[Any, str]:
    """The value of a cell and the French reason of its refusal ("" when right)."""
    empty: Any = "" if column.kind == "text" else None
    if not cell:
        return empty, "la cellule est vide" if column.required else ""
    if column.allowed and cell not in column.allowed:
        return empty, f"« {cell} » n'est pas admis (attendu : {', '.join(column.allowed)})"
    if column.pattern and not re.fullmatch(column.pattern, cell):
        return empty, f"« {cell} » n'a pas la forme attendue ({column.hint or column.pattern})"
    if column.kind == "text":
        return cell, ""
    if column.kind == "date":
        return _date(cell)
    # A decimal comma is plain only where the comma does not separate cells.
    plain = cell.replace(",", ".") if separator == ";" else cell
    if column.kind == "integer":
        if not _INTEGER.fullmatch(plain):
            return empty, f"« {cell} » n'est pas un nombre entier"
        return int(plain), ""
    if not _NUMBER.fullmatch(plain):
        return empty, f"« {cell} » n'est pas un nombre (ni espace, ni unité ; point décimal)"
    return float(plain), ""


def _date(cell: str) -> tuple[dt.date | None, str]:
    if m := _ISO.fullmatch(cell):
        parts = int(m[1]), int(m[2]), int(m[3])
    elif m := _FRENCH.fullmatch(cell):
        parts = int(m[3]), int(m[2]), int(m[1])
    else:
        return None, f"« {cell} » n'est pas une date (2026-11-20 ou 20/11/2026)"
    try:
        return dt.date(*parts), ""
    except ValueError:
        return None, f"« {cell} » n'existe pas dans le calendrier"
