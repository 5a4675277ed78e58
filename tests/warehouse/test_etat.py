"""What a release leaves to its successor: digests, deadlines, statuses readable after an upgrade."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.core.tables import TABLES, conform
from flows.warehouse.etat import crossed, deadlines, observation_digests, predecessor_status, write_etat
from tests.tiny_release import tiny_release


def test_deadlines_are_the_days_on_which_a_page_would_read_differently() -> None:
    release = tiny_release()
    days = [dt.date.fromisoformat(day) for day in deadlines(release)]
    due = [d for d in release.table("fct_status").column("prochaine_attendue").to_pylist() if d]
    assert days == sorted(days) and all(d + dt.timedelta(days=1) in days for d in due)


def test_the_day_a_figure_becomes_too_old_is_a_deadline() -> None:
    """On that day alone its state becomes « non évaluable »: a night without news must build it."""

    def old(rows: list[dict]) -> list[dict]:
        limit = {"fraicheur": {"prochaine_attendue": "2027-12-31", "limite_anciennete": "2028-12-31"}}
        return [row | {"details": json.dumps(limit)} for row in rows]

    assert "2029-01-01" in deadlines(tiny_release(fct_status=old))
    assert "2029-01-01" not in deadlines(tiny_release())


def test_a_deadline_is_crossed_once(tmp_path: Path) -> None:
    (tmp_path / "echeances.json").write_text(json.dumps(["2026-11-20", "2026-11-22"]))
    day = dt.date(2026, 11, 20)
    assert crossed(tmp_path, dt.date(2026, 11, 19), day) == ["2026-11-20"]
    assert crossed(tmp_path, day, dt.date(2026, 11, 21)) == []
    assert crossed(tmp_path, day, dt.date(2026, 11, 30)) == ["2026-11-22"]


def test_a_digest_belongs_to_one_indicator() -> None:
    first = observation_digests(tiny_release())

    def moved(rows: list[dict]) -> list[dict]:
        return [
            r | {"valeur": r["valeur"] + 1} if r["indicateur"] == "population" and r["valeur"] else r for r in rows
        ]

    second = observation_digests(tiny_release(fct_observation=moved))
    assert {name for name in first if first[name] != second.get(name)} <= {"population"}
    assert set(first) == set(second)


def test_the_first_release_has_an_empty_predecessor() -> None:
    assert predecessor_status(None).schema.equals(TABLES["fct_status"])


def test_an_older_release_stays_readable(tmp_path: Path) -> None:
    release = tiny_release()
    write_etat(tmp_path, release, {})
    old = pq.read_table(tmp_path / "statuts.parquet").drop_columns(["retard_comparateur"])
    pq.write_table(old.append_column("disparue", pa.nulls(old.num_rows)), tmp_path / "statuts.parquet")
    read = predecessor_status(tmp_path)
    assert read.schema.equals(TABLES["fct_status"]) and read.num_rows == release.table("fct_status").num_rows
    assert set(read.column("retard_comparateur").to_pylist()) == {None}


def test_conforming_keeps_values_and_order() -> None:
    table = pa.table({"b": [1, 2], "a": ["x", None]})
    schema = pa.schema([("a", pa.string()), ("b", pa.float64()), ("c", pa.date32())])
    assert conform(table, schema).to_pylist() == [{"a": "x", "b": 1.0, "c": None}, {"a": None, "b": 2.0, "c": None}]
