"""Compares one official figure with what the observatory published. Secret is not zero, missing is not secret.

Not here: how the official figure is found (cells.py). What is published is given as plain rows, so that the same
comparison serves a release and the tests of this room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from flows.core.words import Niveau, Statut
from tests.officiel.cells import Secret, figure
from tests.officiel.reader import Official, years

Key = tuple[str, str, str, str, str]


class Published:
    """What a release says: observations by key, decimals of each indicator, communes of each EPCI.

    Args:
        observations: rows of `fct_observation`; indicators: of `dim_indicator`; territories: of `dim_territory`.
    """

    def __init__(
        self,
        observations: Iterable[Mapping[str, Any]],
        indicators: Iterable[Mapping[str, Any]],
        territories: Iterable[Mapping[str, Any]],
    ) -> None:
        columns = ("indicateur", "territoire_niveau", "territoire_code", "periode", "ventilation")
        self.observations: dict[Key, Mapping[str, Any]] = {}
        for row in observations:
            key = tuple(row[column] for column in columns)
            if key in self.observations:
                raise AssertionError(f"deux observations pour {key}")
            self.observations[key] = row
        self.decimals = {row["indicateur"]: row["decimales"] for row in indicators}
        self.communes = {row["code"]: row["epci"] for row in territories if row["niveau"] == Niveau.COMMUNE}


def difference(official: Official, shared: Path, published: Published) -> str:
    """What differs, in one French sentence; "" when the observatory says what the official file says.

    Raises:
        CellError: the official figure cannot be read.
    """
    expected = figure(shared, official.fichier, official.cellule)
    if official.mesure in ("nombre_communes", "nombre_secrets"):
        count = (
            _communes(official, published) if official.mesure == "nombre_communes" else _secrets(official, published)
        )
        return "" if Decimal(count) == expected else f"{count} au lieu de {expected} ({official.mesure})"
    rows = [_observation(official, published, year) for year in years(official.periode)]
    if any(row is None for row in rows):
        return "l'observation n'est pas publiée"
    if (official.mesure == "secret") != isinstance(expected, Secret):
        return (
            f"le fichier dit {'un secret' if isinstance(expected, Secret) else expected}, la ligne {official.mesure}"
        )
    # A ventilation may count something else than the indicator's own unit; the unit is checked on totals.
    units = {row["unite"] for row in rows if not official.ventilation}
    if not all(unit.startswith(official.unite) for unit in units):
        return f"unité publiée « {', '.join(sorted(units))} », attendue « {official.unite} »"
    if isinstance(expected, Secret):
        (row,) = rows
        if row["statut"] == Statut.SECRET and row["valeur"] is None:
            return ""
        return f"publié {row['valeur']} ({row['statut']}) au lieu d'un secret"
    if any(row["valeur"] is None for row in rows):
        return f"aucune valeur ({', '.join(row['statut'] for row in rows)}) au lieu de {expected * official.facteur}"
    found = sum((Decimal(repr(row["valeur"])) for row in rows), Decimal(0))
    rounding = len(rows) * Decimal(5).scaleb(-published.decimals[official.indicateur] - 1)
    wanted = expected * official.facteur
    # One part in 10^9 of slack: a published figure is a double.
    if abs(found - wanted) <= official.tolerance + rounding + abs(wanted) / 10**9:
        return ""
    return f"{found} au lieu de {wanted} {official.unite}"


def _observation(official: Official, published: Published, periode: str) -> Mapping[str, Any] | None:
    return published.observations.get(
        (
            official.indicateur,
            official.territoire_niveau,
            official.territoire_code,
            periode,
            official.ventilation,
        )
    )


def _communes(official: Official, published: Published) -> int:
    """Communes that have the observation, in an EPCI or (code empty) in all."""
    return sum(
        official.territoire_code in ("", epci)
        and (official.indicateur, "commune", code, official.periode, official.ventilation) in published.observations
        for code, epci in published.communes.items()
    )


def _secrets(official: Official, published: Published) -> int:
    keys = (
        (official.indicateur, "commune", code, official.periode, official.ventilation)
        for code, epci in published.communes.items()
        if official.territoire_code in ("", epci)
    )
    rows = [published.observations[key] for key in keys if key in published.observations]
    return sum(row["statut"] == Statut.SECRET and row["valeur"] is None for row in rows)
