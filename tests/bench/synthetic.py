"""Synthetic editions: the demonstration tables, multiplied over made-up communes and fifteen years.

Each made-up commune is a copy of a real one under another code, a little further away; each year without figures
repeats the nearest year that has some. The tables keep the exact schema of their dataset, so that everything after
the decoders meets them as it meets the real ones. Not here: the publishers' formats and their decoders, which the
bench replaces by one Parquet reader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.bench.shapes import SHAPES, Shape

YEARS = tuple(range(2010, 2025))
FIRST_MADE_UP = 60_001  # five digits, none of them a commune of the demonstration
STEP_LON, STEP_LAT, PER_ROW = 0.5, -0.25, 10  # copies are laid out side by side, on a grid
ABOVE_COMMUNES = 8  # both EPCI and the six territories of comparison above them


def made_up_codes(real: Sequence[str], communes: int) -> list[dict[str, str]]:
    """For each copy, real code → code of the copy; the first copy keeps the real codes. `communes` in all."""
    taken, number, copies = set(real), FIRST_MADE_UP, []
    left = communes
    while left > 0:
        copy: dict[str, str] = {}
        for code in list(real)[:left]:
            if copies:
                while f"{number:05d}" in taken:
                    number += 1
                copy[code] = f"{number:05d}"
                number += 1
            else:
                copy[code] = code
        copies.append(copy)
        left -= len(copy)
    return copies


def multiply(table: pa.Table, shape: Shape, copies: Sequence[Mapping[str, str]], real: Sequence[str]) -> pa.Table:
    """Rows about communes once a copy, under the code of the copy; every other row (references) once."""
    if not shape.code:
        return pa.concat_tables([_moved(table, shape, copy, number) for number, copy in enumerate(copies)])
    about = _about(table, shape, real)
    parts = [table.filter(pc.invert(about))]
    communes = table.filter(about)
    for number, copy in enumerate(copies):
        wanted = communes.filter(pc.is_in(communes.column(shape.code), pa.array(list(copy))))
        parts.append(_moved(wanted, shape, copy, number))
    return pa.concat_tables(parts)


def _about(table: pa.Table, shape: Shape, real: Sequence[str]) -> pa.Array:
    """Which rows are about a commune; every row of a table of places."""
    if not shape.code:
        return pa.array([True] * table.num_rows, pa.bool_())
    return pc.fill_null(pc.is_in(table.column(shape.code), pa.array(list(real))), False)


def _moved(table: pa.Table, shape: Shape, copy: Mapping[str, str], number: int) -> pa.Table:
    before = pa.array(list(copy))
    after = pa.array(list(copy.values()))
    for name in (shape.code, *shape.also) if shape.code else ():
        codes = after.take(pc.index_in(table.column(name).combine_chunks(), before))
        table = _put(table, name, codes)
    if number == 0:
        return table
    for name in shape.names:
        table = _put(table, name, pc.binary_join_element_wise(table.column(name), str(number + 1), " "))
    for name in shape.ids:
        table = _put(table, name, pc.binary_join_element_wise(table.column(name), f"{number:03d}", "-"))
    lon, lat = STEP_LON * (number % PER_ROW), STEP_LAT * (number // PER_ROW)
    for name, step in ((shape.lon, lon), (shape.lat, lat)):
        if name:
            table = _put(table, name, pc.round(pc.add(table.column(name), step), 5))
    if shape.geometry:
        moved = [_shifted(text, lon, lat) for text in table.column(shape.geometry).to_pylist()]
        table = _put(table, shape.geometry, pa.array(moved, pa.string()))
    return table


def _shifted(geometry: str, lon: float, lat: float) -> str:
    def move(value: list) -> list:
        if value and isinstance(value[0], int | float):
            return [round(value[0] + lon, 4), round(value[1] + lat, 4)]
        return [move(part) for part in value]

    told = json.loads(geometry)
    told["coordinates"] = move(told["coordinates"])
    return json.dumps(told, separators=(",", ":"))


def spread(table: pa.Table, shape: Shape, real: Sequence[str]) -> pa.Table:
    """Fifteen years of every series: each year without rows repeats the nearest one that has some.

    Communes and references are spread apart, because a publisher may give years of the one without the other.
    """
    about = _about(table, shape, real)
    parts = []
    for side in (table.filter(about), table.filter(pc.invert(about))):
        if side.num_rows:
            parts += list(_fifteen_years(side, shape))
    return pa.concat_tables(parts) if parts else table


def _fifteen_years(table: pa.Table, shape: Shape) -> Iterator[pa.Table]:
    if shape.year:
        years = [int(str(value)[:4]) for value in table.column(shape.year).to_pylist()]
    else:
        years = [_coded(value) for value in table.column(shape.coded_year).to_pylist()]
        yield table.filter(pa.array([year == 0 for year in years]))  # a variable of no year (SUPERF)
    known = sorted(set(years) - {0})
    position = pa.array(years)
    for year in YEARS:
        nearest = min(known, key=lambda one: (abs(one - year), one))
        rows = table.filter(pc.equal(position, nearest))
        if shape.year:
            yield _put(rows, shape.year, _in_year(rows.column(shape.year), year))
        else:
            codes = [_recoded(value, year) for value in rows.column(shape.coded_year).to_pylist()]
            yield _put(rows, shape.coded_year, pa.array(codes, pa.string()))


def _in_year(column: pa.ChunkedArray, year: int) -> pa.Array | pa.ChunkedArray:
    """The same column in another year: a number, a year as text, or a text that begins with one (`2015-T4`)."""
    if pa.types.is_integer(column.type):
        return pa.array([year] * len(column), column.type)
    return pc.replace_substring_regex(column, r"^\d{4}", str(year))


_CODED = re.compile(r"^(P|MED|TP60)(\d{2})(_.*)?$")


def _coded(variable: str) -> int:
    found = _CODED.match(variable)
    return 2000 + int(found[2]) if found else 0


def _recoded(variable: str, year: int) -> str:
    return _CODED.sub(lambda found: f"{found[1]}{year % 100:02d}{found[3] or ''}", variable)


def earlier_years(months: Mapping[str, pa.Table], shape: Shape, years: int) -> Iterator[tuple[str, pa.Table]]:
    """Months of days (`2026-11`) carried back to `years` years; a month repeats the nearest year that has it."""
    last = max(int(name[:4]) for name in months)
    newest = max(months)
    for back in range(years):
        for month in range(1, 13):
            name = f"{last - back}-{month:02d}"
            same = [one for one in months if one.endswith(f"-{month:02d}")]
            if name > newest or not same:
                continue
            nearest = min(same, key=lambda one: (abs(int(one[:4]) - (last - back)), one))
            table = months[nearest]
            days = [day.replace(year=last - back) for day in table.column(shape.days).to_pylist()]
            yield name, _put(table, shape.days, pa.array(days, pa.date32()))


def _put(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    index = table.schema.get_field_index(name)
    return table.set_column(index, table.schema.field(index), values.cast(table.schema.field(index).type))


def write_editions(base: Path, target: Path, *, territories: int, air_years: int) -> int:
    """Write the synthetic tables of one size, `<provider>__<name>/<partition>.parquet`; returns their rows.

    `base` holds the demonstration's decoded tables in the same layout.
    """
    communes: list[str] = []
    for file in sorted((base / "geo__communes").glob("*.parquet")):
        communes += pq.read_table(file, columns=["code"]).column("code").to_pylist()
    real = sorted(communes)
    copies = made_up_codes(real, territories - ABOVE_COMMUNES)
    rows = 0
    for folder in sorted(path for path in base.iterdir() if path.is_dir()):
        dataset = folder.name.replace("__", "/", 1)
        tables = {file.stem: pq.read_table(file) for file in sorted(folder.glob("*.parquet"))}
        (target / folder.name).mkdir(parents=True)
        for partition, table in _of_dataset(dataset, tables, copies, real, air_years):
            rows += table.num_rows
            pq.write_table(table, target / folder.name / f"{partition}.parquet", compression="zstd")
    return rows


def _of_dataset(
    dataset: str,
    tables: Mapping[str, pa.Table],
    copies: Sequence[Mapping[str, str]],
    real: Sequence[str],
    air_years: int,
) -> Iterator[tuple[str, pa.Table]]:
    shape = SHAPES.get(dataset)
    if shape is None:  # no commune in it (unemployment rates): as it is
        yield from tables.items()
        return
    if shape.days:
        for name, table in earlier_years(tables, shape, air_years):
            yield name, multiply(table, shape, copies, real)
        return
    if shape.by_year:
        whole = multiply(spread(pa.concat_tables(tables.values()), shape, real), shape, copies, real)
        for year in YEARS:
            yield str(year), whole.filter(pc.equal(whole.column(shape.year), year))
        return
    for name, table in tables.items():
        if shape.year or shape.coded_year:
            table = spread(table, shape, real)
        yield name, multiply(table, shape, copies, real)


def one_source_changed(editions: Path) -> None:
    """What a second night finds: the populations of one partition are one inhabitant larger, all else is the same."""
    file = sorted((editions / "insee__populations").glob("*.parquet"))[0]
    table = pq.read_table(file)
    pq.write_table(_put(table, "value", pc.add(table.column("value"), 1)), file, compression="zstd")
