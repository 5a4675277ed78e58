"""Reads `tests/officiel.csv`, which says where the official figures are and never what they are worth.

Not here: reading the figures (cells.py), comparing with what the observatory published (comparison.py). Each row:

    indicateur, territoire_niveau, territoire_code, periode, ventilation   the observation, as published
    mesure      valeur | secret | somme (over the periods `2011..2020`) | nombre_secrets | nombre_communes
    fichier     relative to the folder of the reference figures
    cellule     how to find the figure in it (cells.py)
    unite       of the figure once multiplied by `facteur`; the unit published must begin with it (totals)
    facteur     from the unit of the file to the unit published
    tolerance   rounding of the file, in the published unit; the rounding of the published figure comes on top
    origine     `autre`: no demonstration table of the indicator comes from this file; `meme`: one does
    note        why, where it is not obvious
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from flows.core.errors import ObservatoireError
from flows.core.words import Niveau

COLUMNS = (
    "indicateur",
    "mesure",
    "territoire_niveau",
    "territoire_code",
    "periode",
    "ventilation",
    "fichier",
    "cellule",
    "unite",
    "facteur",
    "tolerance",
    "origine",
    "note",
)
MEASURES = {"valeur", "secret", "somme", "nombre_secrets", "nombre_communes"}
ORIGINS = {"autre", "meme"}
TABLE = Path(__file__).resolve().parents[1] / "officiel.csv"
MORE = Path(__file__).resolve().parent / "rows"  # one file a subject, the same columns


class OfficielError(ObservatoireError):
    """A row of tests/officiel.csv is malformed."""


@dataclass(frozen=True)
class Official:
    """A row: where an official figure is, and which observation must equal it."""

    line: int
    indicateur: str
    mesure: str
    territoire_niveau: str
    territoire_code: str
    periode: str
    ventilation: str
    fichier: str
    cellule: str
    unite: str
    facteur: Decimal
    tolerance: Decimal
    origine: str
    note: str

    @property
    def id(self) -> str:
        """Short name of the row in a test report."""
        parts = (self.indicateur, self.territoire_code or "tous", self.periode, self.ventilation, self.mesure)
        return "-".join(part for part in parts if part and part != "valeur")


def read(path: Path = TABLE) -> list[Official]:
    """The rows of the table, in its order.

    Raises:
        OfficielError: unexpected columns, an empty or unknown word, a bad number, or a row that comes twice.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise OfficielError("Les colonnes ne sont pas celles attendues.", where=path.name, todo=",".join(COLUMNS))
        rows = [_row(path, reader.line_num, row) for row in reader]
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = (row.indicateur, row.mesure, row.territoire_niveau, row.territoire_code, row.periode, row.ventilation)
        key += (row.fichier, row.cellule)
        if key in seen:
            raise OfficielError(
                "La même ligne est écrite deux fois.", where=f"{path.name}, lignes {seen[key]} et {row.line}"
            )
        seen[key] = row.line
    return rows


def read_all() -> list[tuple[str, Official]]:
    """Rows of the table and of every file of `rows/`, each with the name of its file.

    Raises:
        OfficielError: as `read`.
    """
    return [(path.name, row) for path in (TABLE, *sorted(MORE.glob("*.csv"))) for row in read(path)]


def _row(path: Path, line: int, row: dict[str, str]) -> Official:
    where = f"{path.name}, ligne {line}"
    if None in row or None in row.values():
        raise OfficielError("La ligne n'a pas le bon nombre de cellules.", where=where)

    def word(column: str, accepted: set[str]) -> str:
        if row[column] not in accepted:
            raise OfficielError(f"« {row[column]} » est inconnu.", where=f"{where}, colonne {column}")
        return row[column]

    def positive(column: str, zero: bool) -> Decimal:
        try:
            value = Decimal(row[column])
        except InvalidOperation:
            raise OfficielError(
                f"« {row[column]} » n'est pas un nombre.", where=f"{where}, colonne {column}"
            ) from None
        if value < 0 or (value == 0 and not zero):
            raise OfficielError(f"« {row[column]} » n'est pas permis.", where=f"{where}, colonne {column}")
        return value

    for column in ("indicateur", "fichier", "cellule", "unite"):
        if not row[column] or row[column] != row[column].strip():
            raise OfficielError("La cellule est vide ou entourée d'espaces.", where=f"{where}, colonne {column}")
    return Official(
        line,
        row["indicateur"],
        word("mesure", MEASURES),
        word("territoire_niveau", {niveau.value for niveau in Niveau}),
        row["territoire_code"],
        row["periode"],
        row["ventilation"],
        row["fichier"],
        row["cellule"],
        row["unite"],
        positive("facteur", zero=False),
        positive("tolerance", zero=True),
        word("origine", ORIGINS),
        row["note"],
    )


def years(periode: str) -> Iterator[str]:
    """`2011..2020` → each year; a plain period → itself."""
    first, dots, last = periode.partition("..")
    if not dots:
        yield periode
    else:
        yield from (str(year) for year in range(int(first), int(last) + 1))


def same_file(rows: list[Official]) -> str:
    """How many of the figures are read in a file that the demonstration itself came from, in one sentence."""
    count = sum(row.origine == "meme" for row in rows)
    return f"{count} of them read in the very file that the demonstration came from (no other is known to state them)"
