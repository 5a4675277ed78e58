"""`fct_status_history`: night after night, what was published stays, and is written again only when it changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.core.tables import TABLES
from flows.night import CLOSING
from tests.warehouse.kit import PROJECT

SQL = (PROJECT / "models" / "marts" / "fct_status_history.sql").read_text(encoding="utf-8")
SCHEMA = TABLES["fct_status_history"]
State = tuple[str, str | None, float | None]
STATES = st.tuples(
    st.sampled_from(["derive", "sur_trajectoire"]),
    st.sampled_from(["2023", "2024", None]),
    st.sampled_from([1.0, None]),
)


def night(before: pa.Table, nuit: dt.date, states: dict[str, State]) -> pa.Table:
    """The history after a release of that night."""
    status = [
        {"indicateur": name, "territoire_niveau": "epci", "territoire_code": "E", "etat": state, "raison": "r"}
        | {"periode": period, "valeur": value}
        for name, (state, period, value) in states.items()
    ]
    sql = SQL.replace("{{ input('predecessor_history') }}", "avant_rows").replace("{{ ref('fct_status') }}", "status")
    with duckdb.connect() as connection:
        connection.register("avant_rows", before)
        connection.register("status", pa.Table.from_pylist(status, schema=TABLES["fct_status"]))
        return connection.execute(sql.replace('{{ var("nuit") }}', nuit.isoformat())).to_arrow_table().cast(SCHEMA)


def as_of(history: pa.Table, name: str, nuit: dt.date) -> State | None:
    """The state known on a night: the last row no later than it."""
    rows: list[dict[str, Any]] = [r for r in history.to_pylist() if r["indicateur"] == name and r["depuis"] <= nuit]
    return (rows[-1]["etat"], rows[-1]["periode"] or None, rows[-1]["valeur"]) if rows else None


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), STATES, STATES), min_size=1, max_size=8))
def test_any_past_night_is_told_as_it_was(nights) -> None:
    history, day, said = SCHEMA.empty_table(), dt.date(2026, 1, 1), {}
    for step, a, b in nights:
        day += dt.timedelta(days=step)  # 0: a second release of the same night, whose word replaces the first one's
        said[day] = {"a": a, "b": b}
        history = night(history, day, said[day])
    for known, states in said.items():
        for name, state in states.items():
            assert as_of(history, name, known) == state
    rows = history.to_pylist()
    assert len({(r["indicateur"], r["depuis"]) for r in rows}) == len(rows)


def test_nothing_is_written_on_a_night_that_changes_nothing() -> None:
    first = night(SCHEMA.empty_table(), dt.date(2026, 1, 1), {"a": ("derive", "2023", 1.0)})
    again = night(first, dt.date(2026, 1, 2), {"a": ("derive", "2023", 1.0)})
    assert again.to_pylist() == first.to_pylist()
    later = night(again, dt.date(2026, 1, 3), {"a": ("sur_trajectoire", "2024", 1.0)})
    assert [(r["depuis"].day, r["etat"]) for r in later.to_pylist()] == [(1, "derive"), (3, "sur_trajectoire")]
    # The same night again, under other figures: its word is replaced, the nights before stay.
    mended = night(later, dt.date(2026, 1, 3), {"a": ("derive", "2024", 1.0)})
    told = [(r["depuis"].day, r["etat"], r["periode"]) for r in mended.to_pylist()]
    assert told == [(1, "derive", "2023"), (3, "derive", "2024")]


def test_a_barometer_is_looked_back_to_on_the_night_that_closes_it() -> None:
    sql = (PROJECT / "models" / "marts" / "dim_etape.sql").read_text(encoding="utf-8")
    for name, table in (("fct_status_history", "history"), ("stg_referentiel__etapes", "steps")):
        sql = sql.replace(f"{{{{ ref('{name}') }}}}", table)
    first = night(SCHEMA.empty_table(), dt.date(2026, 11, 20), {"a": ("derive", "2023", 1.0)})
    step = {
        "genre": "triennale",
        "nuit": dt.date(2027, 3, 1),
        "titre": "Étape",
        "source": "s",
        "auteur": "2P2T",
    }
    steps = pa.Table.from_pylist([step | {"date": dt.date(2027, 3, 2)}], schema=TABLES["dim_etape"])
    found = {}
    for day in ("2026-11-20", "2027-01-30", "2027-01-31", "2028-05-01"):
        with duckdb.connect() as connection:
            connection.register("history", first)
            connection.register("steps", steps)
            rows = connection.execute(sql.replace('{{ var("nuit") }}', day)).fetchall()
        found[day] = [(genre, night.isoformat(), title) for genre, night, title, *_ in rows]
    closing = "-".join(f"{part:02}" for part in CLOSING)
    first_one = ("barometre", f"2027-{closing}", "Baromètre 2026")
    assert found["2026-11-20"] == found["2027-01-30"] == []
    assert found["2027-01-31"] == [first_one]
    told = [
        first_one,
        ("triennale", "2027-03-01", "Étape"),
        ("barometre", f"2028-{closing}", "Baromètre 2027"),
    ]
    assert found["2028-05-01"] == told
