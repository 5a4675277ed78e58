"""Corrections of what a source says: applied while it says it, and never to the bytes or the cache."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.landing.corrections import ABSENT, APPLIED, EXPIRED, INVALID, correct_files, outcomes_table

SCHEMA = pa.schema([("code", pa.string()), ("annee", pa.int64()), ("valeur", pa.float64()), ("mot", pa.string())])
ROWS = [
    {"code": "01001", "annee": 2021, "valeur": 12.5, "mot": "a"},
    {"code": "01002", "annee": 2021, "valeur": None, "mot": "b"},
    {"code": "01001", "annee": 2022, "valeur": 13.0, "mot": None},
]


def correction(**changes: str) -> dict:
    row = {
        "jeu": "essai/figures", "cle": "code=01001;annee=2021", "colonne": "valeur", "valeur_attendue": "12,5",
        "valeur_corrigee": "21,5", "motif": "chiffres inversés", "ticket": "T-1", "auteur": "role", "date": None,
    }  # fmt: skip
    return row | changes


@pytest.fixture
def landed(tmp_path: Path) -> Path:
    path = tmp_path / "edition.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS, schema=SCHEMA), path)
    return path


def apply(landed: Path, *rows: dict) -> tuple[list[dict], list]:
    (read,), outcomes = correct_files([landed], rows, SCHEMA, landed.parent / "corriges")
    return pq.read_table(read).to_pylist(), outcomes


def test_the_copy_is_corrected_and_the_landed_file_is_not(landed: Path) -> None:
    before = landed.read_bytes()
    rows, (outcome,) = apply(landed, correction())
    assert [row["valeur"] for row in rows] == [21.5, None, 13.0]
    assert outcome.etat == APPLIED and outcome.corrected == 1 and outcome.detail == ""
    assert landed.read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "etat", "told"),
    [
        ({"valeur_attendue": "12,4"}, EXPIRED, "12.5"),
        ({"cle": "code=09999"}, ABSENT, "Aucune ligne"),
        ({"cle": "codes=01001"}, INVALID, "codes"),
        ({"colonne": "inconnue"}, INVALID, "inconnue"),
        ({"cle": "code"}, INVALID, "clé attendue"),
        ({"valeur_corrigee": "beaucoup"}, INVALID, "type"),
    ],
)
def test_a_guard_that_fails_is_told_and_nothing_moves(landed: Path, changes: dict, etat: str, told: str) -> None:
    rows, (outcome,) = apply(landed, correction(**changes))
    assert rows == ROWS
    assert outcome.etat == etat and told in outcome.detail


def test_empty_means_nothing_on_both_sides(landed: Path) -> None:
    rows, _ = apply(
        landed,
        correction(cle="code=01002", valeur_attendue="", valeur_corrigee="7"),
        correction(cle="annee=2022", valeur_attendue="13", valeur_corrigee=""),
        correction(cle="code=01001;annee=2022", colonne="mot", valeur_attendue="", valeur_corrigee="c"),
    )
    assert [(row["valeur"], row["mot"]) for row in rows] == [(12.5, "a"), (7.0, "b"), (None, "c")]


def test_files_without_a_corrected_row_are_read_where_they_are(landed: Path) -> None:
    other = landed.with_name("autre.parquet")
    pq.write_table(pa.Table.from_pylist(ROWS[1:], schema=SCHEMA), other)
    read, _ = correct_files([landed, other], [correction()], SCHEMA, landed.parent / "corriges")
    assert read == [landed.parent / "corriges" / "edition.parquet", other]


@given(st.permutations(range(4)))
def test_outcomes_are_told_in_one_order(order: list[int]) -> None:
    from flows.landing.corrections import Outcome

    outcomes = [Outcome(correction(cle=f"code={i}")) for i in order]
    assert [row["cle"] for row in outcomes_table(outcomes).to_pylist()] == [f"code={i}" for i in range(4)]
