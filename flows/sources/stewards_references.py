"""Two stewards' tables of reference figures, and what their rows may say: national death rates, bounds of the IDH-4.

Not here: the tables themselves (stewards.py), the indicators that read them (dbt). Death rates of France by sex and
five-year band are kept as a steward's table because Insee's own dataset (Melodi, DS_MORTALITE) answers no observation
and its codes were never seen. Bounds are frozen: a later year of the index may name other periods, never other
bounds.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

from flows.core.datasets import Territory
from flows.core.periods import PeriodError, end_of
from flows.sources.stewards_csv import Column, Problem, Row

AGES = tuple(range(0, 100, 5))  # first ages of the bands; the last is open
COMPOSANTES = ("education", "niveau_de_vie", "sante")
_YEAR_HINT = "année sur quatre chiffres"

TAUX_MORTALITE = (
    Column("annee", "integer", required=True, pattern=r"20[0-9]{2}", hint=_YEAR_HINT),
    Column("sexe", required=True, allowed=("F", "M")),
    Column("age_min", "integer", required=True, allowed=tuple(str(age) for age in AGES)),
    Column("taux", "number", required=True),  # deaths a year for 1,000 people of that sex and age
    Column("source", required=True),
)
BORNES_IDH4 = (
    Column("annee", "integer", required=True, pattern=r"20[0-9]{2}", hint=_YEAR_HINT),
    Column("composante", required=True, allowed=COMPOSANTES),
    Column("periode", required=True),
    Column("minimum", "number", required=True),
    Column("maximum", "number", required=True),
    Column("annee_bornes", "integer", required=True, pattern=r"20[0-9]{2}", hint=_YEAR_HINT),
    Column("source", required=True),
)


def taux_mortalite(rows: Sequence[Row], _: Territory) -> Iterator[Problem]:
    """Every year has the two sexes and the twenty bands; rates are for 1,000 and rise with age from 40."""
    tables: dict[tuple[int, str], dict[int, Row]] = defaultdict(dict)
    for row in rows:
        tables[row["annee"], row["sexe"]][row["age_min"]] = row
        if not 0 < row["taux"] < 1000:
            yield Problem(row.line, "taux", "un taux pour 1 000 personnes est compris entre 0 et 1 000")
    for annee in sorted({year for year, _sex in tables}):
        for sexe in ("F", "M"):
            table = tables.get((annee, sexe), {})
            line = min((row.line for (year, _s), t in tables.items() if year == annee for row in t.values()))
            missing = [str(age) for age in AGES if age not in table]
            if missing:
                yield Problem(line, "age_min", f"{annee}, {sexe} : il manque les tranches {', '.join(missing)}")
                continue
            for before, age in itertools.pairwise(AGES):
                if age > 40 and table[age]["taux"] <= table[before]["taux"]:
                    yield Problem(table[age].line, "taux", "après 40 ans, le taux croît d’une tranche à la suivante")


def bornes_idh4(rows: Sequence[Row], _: Territory) -> Iterator[Problem]:
    """Three components a year, a minimum under its maximum, and the same bounds from one year to the next."""
    years: dict[int, dict[str, Row]] = defaultdict(dict)
    frozen: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: row["annee"]):
        years[row["annee"]][row["composante"]] = row
        try:
            end_of(row["periode"])
        except PeriodError as error:
            yield Problem(row.line, "periode", error.what)
        if row["minimum"] >= row["maximum"]:
            yield Problem(row.line, "maximum", "le maximum dépasse le minimum")
        if row["composante"] == "niveau_de_vie" and row["minimum"] <= 0:
            yield Problem(row.line, "minimum", "un logarithme se prend d’un nombre positif")
        first = frozen.setdefault(row["composante"], row)
        if (first["minimum"], first["maximum"]) != (row["minimum"], row["maximum"]):
            yield Problem(row.line, "minimum", f"les bornes sont figées : celles de la ligne {first.line}")
    for annee, found in years.items():
        missing = [name for name in COMPOSANTES if name not in found]
        if missing:
            line = min(row.line for row in found.values())
            yield Problem(line, "composante", f"{annee} : il manque {', '.join(missing)}")
