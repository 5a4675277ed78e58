"""The demonstration figures: `warehouse/demonstration/<provider>__<dataset>.csv`, read as text, and a view of them.

A view is the tables as one request may see them: the faults that concern the figures themselves (a figure altered,
rows doubled, communes gone) act here, before any encoding, so that every format shows the same consistent mistake.

Not here: the wire formats, which tables there are (`flows.portal.sets`), and the simulated air indices
(`flows.portal.air`), which pass through `View.amend`.
"""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

from flows.portal.answers import PortalError
from flows.portal.faults import FIGURE_KINDS, Fault, Kind
from flows.portal.sets import collected

Row = Mapping[str, str]
Peek = Callable[[str, str], Sequence[Fault]]
T = TypeVar("T")


@dataclass(frozen=True)
class Spec:
    """How a table is read: its columns, the column of the territory, the columns that carry figures.

    `only` is an optional (column, value) that says which rows are communes. `simulate` draws the rows, from a fixed
    seed, when no real figure is known: every answer made of them says so (`View.simulated`).
    """

    columns: tuple[str, ...]
    code: str
    values: tuple[str, ...]
    only: tuple[str, str] | None = None
    simulate: Callable[[Figures], Sequence[Row]] | None = None


def spec(
    columns: str,
    code: str,
    values: str,
    only: tuple[str, str] | None = None,
    simulate: Callable[[Figures], Sequence[Row]] | None = None,
) -> Spec:
    """A table in one readable line: names separated by blanks."""
    return Spec(tuple(columns.split()), code, tuple(values.split()), only, simulate)


@cache
def specs() -> dict[str, Spec]:
    """Every table that the portal knows, by its landed name (`flows.portal.sets`)."""
    return dict(collected("TABLES"))


class Figures:
    """The tables of one demonstration folder, each read once, in the order of its file. Safe between threads."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise PortalError(
                "Le dossier des figures de démonstration n'existe pas.",
                where=str(folder),
                todo="vérifier le chemin, ou reprendre le dossier warehouse/demonstration du dépôt.",
            )
        self.folder = folder
        self._tables: dict[str, list[Row]] = {}
        self._kept: dict[str, object] = {}
        self._lock = threading.RLock()

    def table(self, name: str) -> list[Row]:
        """Rows of a table as dictionaries of text.

        Raises:
            PortalError: unknown or missing table, or a column of its contract that is absent.
        """
        with self._lock:
            if name not in self._tables:
                self._tables[name] = self._read(name)
            return self._tables[name]

    def _read(self, name: str) -> list[Row]:
        spec = specs().get(name)
        if spec is None:
            raise PortalError(f"Le portail ne connaît pas la table « {name} ».", where="flows/portal/sets")
        if spec.simulate is not None:
            return list(spec.simulate(self))
        path = self.folder / f"{name}.csv"
        if not path.is_file():
            raise PortalError(
                f"La table de démonstration « {name} » est absente.",
                where=str(path),
                todo="reprendre le fichier dans le dépôt : le portail n'invente aucun chiffre.",
            )
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in spec.columns if column not in (reader.fieldnames or [])]
            if missing:
                raise PortalError(
                    f"La table de démonstration « {name} » n'a pas les colonnes {', '.join(missing)}.",
                    where=str(path),
                    todo="comparer avec les tables atterries de docs/architecture.md.",
                )
            return list(reader)

    @property
    def communes(self) -> dict[str, Row]:
        """Communes by code, in the order of their codes (never altered by a fault: it is a lookup).

        Under the one lock of the figures: `functools.cached_property` of Python 3.11 takes a lock of its own, and two
        requests taking the two in opposite orders waited for each other for ever.
        """

        def make() -> dict[str, Row]:
            return {row["code"]: row for row in sorted(self.table("geo__communes"), key=lambda row: row["code"])}

        return self.kept("communes", make)

    def kept(self, key: str, make: Callable[[], T]) -> T:
        """What `make` gives for `key`, computed once for this folder."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
            return cast(T, self._kept[key])


class View:
    """The figures as one request sees them: only the faults of its host and path that concern figures act.

    `peek` gives the faults of another host and path: a modification date or a checksum follows the figures that it
    describes even when it is served elsewhere.
    """

    def __init__(self, figures: Figures, faults: Sequence[Fault] = (), peek: Peek | None = None) -> None:
        self.figures = figures
        self.faults = tuple(fault for fault in faults if fault.kind in FIGURE_KINDS)
        self._peek = peek
        self.simulated = False  # a simulated table was read through this view

    @property
    def altered(self) -> bool:
        """True when a fault alters the figures of this request."""
        return bool(self.faults)

    def at(self, host: str, path: str) -> View:
        """The view that a request to another host and path would have now."""
        return View(self.figures, self._peek(host, path), self._peek) if self._peek else self

    def rows(self, table: str, *, repeat: bool = True, wanted: Callable[[Row], bool] | None = None) -> list[Row]:
        """Rows of a table after the faults. `repeat=False` leaves doubling to `doubled` (aggregated answers).

        With `wanted`, only the rows it keeps, and a simulated table without any of them was not read.
        """
        before = self.simulated
        out = self.amend(table, self.figures.table(table), repeat=repeat)
        if wanted is not None:
            out = [row for row in out if wanted(row)]
            self.simulated = before or (self.simulated and bool(out))
        return out

    def amend(self, table: str, rows: Sequence[Row], *, repeat: bool = True) -> list[Row]:
        """The same faults on rows that were not read from a file."""
        spec, out = specs()[table], list(rows)
        self.simulated |= spec.simulate is not None
        for fault in self.faults:
            if fault.kind is Kind.MISSING_COMMUNES:
                out = _without(spec, out, fault)
            elif fault.kind is Kind.CHANGED:
                out = _changed(spec, out, fault)
            elif repeat:
                out = _repeated(out, fault)
        return out

    def doubled(self, rows: Sequence[T]) -> list[T]:
        """Rows of an aggregated answer, the first ones repeated when a fault asks for it."""
        out = list(rows)
        for fault in self.faults:
            if fault.kind is Kind.DUPLICATES:
                out = _repeated(out, fault)
        return out


def number(text: str) -> int | float | None:
    """A figure of the tables as a number: None when empty or a marker of secrecy, int when written without point."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def scaled(text: str, factor: float) -> str | None:
    """A written figure times `factor`, in its own notation and with its own decimals; None when it is not a number.

    The result always differs from the original: a fault that changes nothing would hide a check that cannot fail.
    """
    value = number(text)
    if value is None:
        return None
    decimals = len(text.replace(",", ".").partition(".")[2])
    new = f"{value * factor:.{decimals}f}"
    if number(new) == value:
        new = f"{value + 10**-decimals:.{decimals}f}"
    return new.replace(".", ",") if "," in text else new


def _repeated(rows: Sequence[T], fault: Fault) -> list[T]:
    return [*rows, *rows[: int(fault.options["rows"])]]


def _without(spec: Spec, rows: list[Row], fault: Fault) -> list[Row]:
    codes = set(fault.options["codes"])
    if not codes:
        seen = {row[spec.code] for row in rows if spec.only is None or row[spec.only[0]] == spec.only[1]}
        codes = set(sorted(code for code in seen if code)[: int(fault.options["count"])])
    return [row for row in rows if row[spec.code] not in codes]


def _moved(geometry: str) -> str:
    """A contour whose first meridian is moved by a thousandth of a degree, wherever it stands: rings stay closed."""
    found = re.search(r"-?\d+\.\d+", geometry)
    return geometry.replace(found[0], f"{float(found[0]) + 0.001:.4f}") if found else geometry


def _changed(spec: Spec, rows: list[Row], fault: Fault) -> list[Row]:
    factor, code, column = float(fault.options["factor"]), fault.options["code"], fault.options["column"]
    columns = (column,) if column else spec.values
    out = list(rows)
    places = range(len(out)) if code else range(len(out) - 1, -1, -1)
    for i in places:
        row = out[i]
        if code and row[spec.code] != code:
            continue
        new: dict[str, str | None] = {name: scaled(row.get(name, ""), factor) for name in columns}
        if "geometry" in spec.columns:
            new = {"geometry": _moved(row["geometry"])}
        kept = {name: value for name, value in new.items() if value is not None}
        if kept:
            out[i] = {**row, **kept}
            if not code:
                break
    return out
