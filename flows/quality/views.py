"""Derived tables that rules may look at: what a steward cannot say with one column of one table.

Not here: thresholds. A view computes a difference, a share or a presence, one row a thing a person can name; the rule
in `expectations/*.yml` says which values are acceptable. Views are pure: rows in, rows out, in a deterministic order.
pandas is imported inside functions because it costs more than a second and reading a suite does not need it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class ViewError(Exception):
    """A view cannot be computed (missing parameter or column): the gate turns it into an error, never a pass."""


@dataclass(frozen=True)
class ViewInput:
    """What a view may read.

    Attributes:
        frame: rows of the rule's table, already filtered by `lignes`.
        previous: the same rows of the previous accepted edition (or predecessor release), or None.
        tables: every table of the gate by name. previous_tables: those of the predecessor release.
        options: options written in the suite. parameters: values given by the flow for this evaluation.
        partition: key of the edition's partition, "" at gate 2.
    """

    frame: pd.DataFrame
    previous: pd.DataFrame | None
    tables: Mapping[str, pd.DataFrame]
    previous_tables: Mapping[str, pd.DataFrame]
    options: Mapping[str, Any]
    parameters: Mapping[str, Any]
    partition: str = ""


@dataclass(frozen=True)
class View:
    """A view and its contract: options, tables it reads, and whether it compares with what came before.

    A view that `needs_previous` gives no check at all on a first edition: there is nothing to compare with, and a
    green line would be a claim that nobody checked.
    """

    compute: Callable[[ViewInput], pd.DataFrame]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    needs_previous: bool = False
    doc: str = field(default="", compare=False)


VIEWS: dict[str, View] = {}


def view(
    *,
    required: Sequence[str] = (),
    optional: Sequence[str] = (),
    tables: Sequence[str] = (),
    needs_previous: bool = False,
) -> Callable[[Callable[[ViewInput], pd.DataFrame]], Callable[[ViewInput], pd.DataFrame]]:
    """Register a function as a view under its own name."""

    def register(function: Callable[[ViewInput], pd.DataFrame]) -> Callable[[ViewInput], pd.DataFrame]:
        VIEWS[function.__name__] = View(
            function, tuple(required), tuple(optional), tuple(tables), needs_previous, function.__doc__ or ""
        )
        return function

    return register


def as_list(value: Any) -> list[str]:
    """An option written as one name or as a list of names."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(item) for item in value]


def need(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a view over columns that the table does not have."""
    if missing := [name for name in columns if name not in frame.columns]:
        raise ViewError(f"colonne absente de la table : {', '.join(missing)}")


def grouped(frame: pd.DataFrame, by: Sequence[str]) -> list[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Groups in sorted order; the whole frame as one group when `by` is empty. Null keys are a group like another."""
    if not by:
        return [((), frame)]
    parts = [
        (key if isinstance(key, tuple) else (key,), part)
        for key, part in frame.groupby(list(by), dropna=False, sort=False)
    ]
    return sorted(parts, key=lambda item: tuple(str(value) for value in item[0]))


def expected_communes(parameters: Mapping[str, Any], partition: str) -> list[str]:
    """Commune codes due in an edition: those of the EPCI its partition names, else all; less the declared absences.

    `parameters["communes"]` maps a commune code to its EPCI's SIREN; `parameters["absences"]` lists codes.
    """
    communes: Mapping[str, str] = parameters.get("communes") or {}
    if not communes:
        raise ViewError("la liste des communes attendues n'est pas connue (aucune édition acceptée de geo/communes)")
    named = {epci for epci in communes.values() if epci and epci in partition}
    absent = set(parameters.get("absences") or ())
    return sorted(code for code, epci in communes.items() if (not named or epci in named) and code not in absent)
