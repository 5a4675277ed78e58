"""`fct_pace`: an unfinished year against the same date of past years, redone in plain Python."""

from __future__ import annotations

import datetime as dt
import random
import re
from statistics import median
from typing import Any

import duckdb
import pyarrow as pa
import pytest

TEXTS = [(name, pa.string()) for name in ("indicateur", "niveau", "code")]
CUMULS = pa.schema([*TEXTS, ("annee", pa.int32()), ("jour", pa.date32()), ("cumul", pa.float64())])
SEGMENTS = [(name, pa.float64()) for name in ("a1", "v1", "a2", "v2")]
OTHERS = {
    "dim_rupture": pa.schema([("indicateur", pa.string()), ("periode", pa.string())]),
    "int_statut_indicateurs": pa.schema(
        [(name, pa.string()) for name in ("indicateur", "territoire_niveau", "territoire_code", "trajectoire")]
    ),
    "int_trajectoire_segments": pa.schema([("trajectoire", pa.string()), ("forme", pa.string()), *SEGMENTS]),
}


def counted(rnd: random.Random, year: int, until: dt.date, missing: float = 0.0) -> dict[dt.date, float]:
    """A daily count of one year: its running total on each day observed."""
    total, out, day = 0.0, {}, dt.date(year, 1, 1)
    while day <= until:
        total += rnd.random() < 0.05
        if rnd.random() >= missing or day == until:
            out[day] = total
        day += dt.timedelta(days=1)
    return out


def run(built, years: dict[int, dict[dt.date, float]], **given: list[dict[str, Any]]) -> dict[str, Any] | None:
    rows = [
        {"indicateur": "x", "niveau": "epci", "code": "E", "annee": year, "jour": day, "cumul": value}
        for year, days in years.items()
        for day, value in days.items()
    ]
    sql = next(built.compiled.rglob("fct_pace.sql")).read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        connection.register("int_cumuls_jour", pa.Table.from_pylist(rows, schema=CUMULS))
        for name, schema in OTHERS.items():
            connection.register(name, pa.Table.from_pylist(given.get(name, []), schema=schema))
        found = connection.execute(re.sub(r'"\w+"\."main"\."(\w+)"', r"\1", sql)).to_arrow_table().to_pylist()
    return found[0] if found else None


@pytest.mark.parametrize("seed", range(4))
def test_the_same_date_of_past_years(built, seed) -> None:
    rnd = random.Random(seed)
    until = dt.date(2026, 1, 1) + dt.timedelta(days=rnd.randint(30, 320))
    past = {year: counted(rnd, year, dt.date(year, 12, 31), 0.02) for year in range(2021, 2026)}
    found = run(built, {**past, 2026: counted(rnd, 2026, until)})
    then = {
        year: max((day, value) for day, value in days.items() if (day.month, day.day) <= (until.month, until.day))[1]
        for year, days in past.items()
    }
    totals = {year: max(days.items())[1] for year, days in past.items()}
    assert (found["au"], found["annees"], found["premiere_annee"], found["derniere_annee"]) == (until, 5, 2021, 2025)
    assert (found["bas"], found["haut"]) == (min(then.values()), max(then.values()))
    assert found["mediane"] == pytest.approx(median(then.values()), abs=1e-6)
    assert found["part_du_total"] == pytest.approx(median(then[y] / totals[y] for y in then), abs=1e-6)
    side = (
        "au_dessus" if found["valeur"] > found["haut"] else "au_dessous" if found["valeur"] < found["bas"] else "dans"
    )
    assert found["position"] == side and found["attendu"] is None


def test_few_years_broken_series_and_whole_years(built) -> None:
    rnd = random.Random(9)
    whole = {year: counted(rnd, year, dt.date(year, 12, 31)) for year in range(2020, 2026)}
    now = {2026: counted(rnd, 2026, dt.date(2026, 6, 30))}
    # A year with a hole of two months is not a whole year; before a break nothing is compared.
    holed = {day: value for day, value in whole[2024].items() if day.month not in (3, 4)}
    broken = [{"indicateur": "x", "periode": "2023"}]
    found = run(built, {**whole, 2024: holed, **now}, dim_rupture=broken)
    assert (found["annees"], found["premiere_annee"], found["position"]) == (2, 2023, "indetermine")
    alone = run(built, now)
    assert (alone["annees"], alone["bas"], alone["position"]) == (0, None, "indetermine")
    assert run(built, {2025: whole[2025]}) is None  # a year that is over has no pace


def test_the_trajectory_gives_its_part_of_the_year(built) -> None:
    rnd = random.Random(5)
    years = {year: counted(rnd, year, dt.date(year, 12, 31)) for year in range(2021, 2026)}
    years[2026] = counted(rnd, 2026, dt.date(2026, 9, 1))
    followed = [{"indicateur": "x", "territoire_niveau": "epci", "territoire_code": "E", "trajectoire": "t"}]
    line = [{"trajectoire": "t", "forme": "lineaire", "a1": 2020.0, "v1": 20.0, "a2": 2030.0, "v2": 10.0}]
    found = run(built, years, int_statut_indicateurs=followed, int_trajectoire_segments=line)
    assert found["attendu"] == pytest.approx(14.0 * found["part_du_total"], abs=1e-5)


def test_the_last_day_of_a_year_gives_its_figure(built) -> None:
    """Totals day by day end at the published figure of the year."""
    rows = built.rows(
        "select o.valeur, max(c.cumul) from int_cumuls_jour as c join fct_observation as o "
        "on o.indicateur = c.indicateur and o.territoire_niveau = c.niveau and o.territoire_code = c.code "
        "and o.periode = cast(c.annee as varchar) and o.ventilation = '' group by o.valeur, c.code, c.annee"
    )
    assert rows and all(abs(figure - total) < 0.06 for figure, total in rows)
