"""Reference figures of the stewards: the tables in git are right, and each wrong one is refused with its line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.core.datasets import Page
from flows.core.errors import StewardTableError
from flows.sources import stewards
from tests.sources_b.conftest import make_territory

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project/seeds"
Rows = list[dict[str, str]]


def lines(name: str) -> Rows:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def decoded(name: str, rows: Rows):
    header = list(lines(name)[0])
    body = "\n".join([",".join(header), *(",".join(f'"{row[c]}"' for c in header) for row in rows)])
    page = Page(address=stewards.ADDRESS.format(name=name), body=body.encode())
    return stewards.decode(name, [page], make_territory()).to_pylist()


@pytest.mark.parametrize("name", ["taux_mortalite", "bornes_idh4"])
def test_the_table_in_git_is_accepted_and_may_be_empty(name):
    assert len(decoded(name, lines(name))) == len(lines(name))
    assert decoded(name, []) == []


def altered(name: str, change: Callable[[Rows], object]) -> str:
    rows = lines(name)
    change(rows)
    with pytest.raises(StewardTableError) as error:
        decoded(name, rows)
    assert error.value.where.startswith(f"dbt_project/seeds/{name}.csv") and error.value.todo
    return f"{error.value.what} {error.value.where}"


def at(rows: Rows, **key: str) -> dict[str, str]:
    (found,) = (row for row in rows if all(row[name] == value for name, value in key.items()))
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.remove(at(rows, annee="2023", sexe="F", age_min="80")), "il manque les tranches 80"),
        (lambda rows: [rows.remove(r) for r in [*rows] if r["annee"] == "2024" and r["sexe"] == "M"], "2024, M"),
        (lambda rows: at(rows, annee="2023", sexe="F", age_min="80").update(taux="3.4"), "le taux croît"),
        (lambda rows: at(rows, annee="2023", sexe="F", age_min="95").update(taux="30700"), "entre 0 et 1 000"),
        (lambda rows: rows.append(dict(rows[0])), "clé déjà écrite"),
        (lambda rows: rows[0].update(sexe="H"), "n'est pas admis"),
        (lambda rows: rows[0].update(age_min="3"), "n'est pas admis"),
    ],
)
def test_rates_that_would_make_wrong_expected_deaths_are_refused(change, said):
    assert said in altered("taux_mortalite", change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.remove(at(rows, composante="sante")), "il manque sante"),
        (lambda rows: at(rows, composante="sante").update(minimum="200"), "le maximum dépasse le minimum"),
        (lambda rows: at(rows, composante="sante").update(periode="2022-2024"), "2022-2024"),
        (lambda rows: at(rows, composante="niveau_de_vie").update(minimum="0"), "logarithme"),
        (
            lambda rows: rows.extend(
                {**row, "annee": "2028", "maximum": row["maximum"] if row["composante"] != "sante" else "190"}
                for row in [*rows]
            ),
            "les bornes sont figées",
        ),
    ],
)
def test_bounds_that_move_or_miss_are_refused(change, said):
    assert said in altered("bornes_idh4", change)


def test_another_year_of_the_index_with_the_same_bounds_is_accepted():
    rows = lines("bornes_idh4")
    later = [{**row, "annee": "2028"} for row in rows]
    assert len(decoded("bornes_idh4", rows + later)) == 6
