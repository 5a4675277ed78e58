"""What is withheld of small counts resists a reader who knows the rule: every case of a small world is published, and
no withheld small count is the only one that its publication allows."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable

import duckdb
import jinja2
import pyarrow as pa
import pytest

from flows.sources.saisies_cells import folded
from flows.warehouse.catalogue import read_indicators
from tests.warehouse.kit import PROJECT

SEUIL = 5


def model_sql() -> str:
    """`int_saisies` as dbt would write it, with its inputs as tables of their own names."""
    macros = "".join(
        (PROJECT / "macros" / f"{name}.sql").read_text(encoding="utf-8") for name in ("words", "saisies")
    )
    model = (PROJECT / "models" / "intermediate" / "int_saisies.sql").read_text(encoding="utf-8")
    return jinja2.Environment().from_string(macros + model).render(ref=lambda name: name)


def published(
    cases: Iterable[tuple[int, ...]], bassins: tuple[int, ...] = (), *, total: bool = True
) -> dict[tuple[int, ...], tuple[int | None, ...]]:
    """What is published of each case: the total, the bassins' totals, then the communes; None when withheld.

    Args:
        bassins: bassin of each commune, by position; none when empty. total: is the EPCI's total deposited.
    """
    cases = list(cases)
    communes = len(cases[0])
    names = [f"b{b}" for b in dict.fromkeys(bassins)]
    rows = []
    for case in cases:
        slug = "-".join(map(str, case))
        told = [("commune", f"c{i}", value) for i, value in enumerate(case)]
        told += [
            ("bassin_de_vie", n, sum(v for v, b in zip(case, bassins, strict=True) if f"b{b}" == n)) for n in names
        ]
        told += [("epci", "E", sum(case))] if total else []
        rows += [(slug, niveau, code, float(value)) for niveau, code, value in told]
    places = [("epci", "E", f"c{i}", communes) for i in range(communes)]
    places += [("bassin_de_vie", f"b{b}", f"c{i}", bassins.count(b)) for i, b in enumerate(bassins)]
    with duckdb.connect(":memory:") as base:
        given = pa.table(dict(zip(("indicateur", "niveau", "code", "valeur"), zip(*rows, strict=True), strict=True)))
        base.register("given", given)
        base.execute(
            "create table stg_saisies__indicateurs as select *, '2024' as periode, 'u' as unite,"
            " 'definitif' as statut, 's' as source, date '2025-01-01' as date_saisie, 'e' as edition from given"
        )
        base.execute(
            "create table dim_indicator as select distinct indicateur, 'oui' as saisie, 'u' as unite,"
            f" '' as saisie_unite, {SEUIL} as saisie_seuil from given"
        )
        base.execute("create table int_appartenances (niveau text, code text, code_commune text, attendues int)")
        base.executemany("insert into int_appartenances values (?, ?, ?, ?)", places)
        found = base.execute(model_sql()).fetchall()
    said: dict[str, dict[str, int | None]] = defaultdict(dict)
    for slug, _, code, _, value, *_ in found:
        said[slug][code] = None if value is None else int(value)
    order = [*(["E"] if total else []), *names, *(f"c{i}" for i in range(communes))]
    return {case: tuple(said["-".join(map(str, case))][code] for code in order) for case in cases}


WORLDS = {
    "three communes": (3, 13, (), True),
    "four communes": (4, 8, (), True),
    "without a total": (3, 9, (), False),
    "two bassins": (4, 8, (0, 0, 1, 1), True),
    "a bassin of one": (4, 8, (0, 1, 1, 2), True),
}


@pytest.mark.parametrize("world", WORLDS)
def test_no_small_count_can_be_worked_out(world: str) -> None:
    communes, top, bassins, total = WORLDS[world]
    result = published(itertools.product(range(top), repeat=communes), bassins, total=total)
    alike: dict[tuple[int | None, ...], list[tuple[int, ...]]] = defaultdict(list)
    for case, said in result.items():
        alike[said].append(case)
        assert all(not 0 < v < SEUIL for v in said if v is not None), (case, said)
    for case, said in result.items():
        for i, value in enumerate(case):
            if 0 < value < SEUIL:
                others = {other[i] for other in alike[said]}
                assert len(others) > 1, f"{case} is published as {said}: commune {i} can only be {value}"


def test_little_is_withheld_beside_small_counts() -> None:
    result = published(itertools.product(range(13), repeat=3))
    for case, said in result.items():
        small = sum(0 < v < SEUIL for v in case)
        withheld = sum(v is None for v in said)
        assert withheld == 0 if small == 0 and sum(case) >= SEUIL else withheld <= max(small + 1, 3), (case, said)


def test_units_fold_in_sql_as_in_python() -> None:
    macros = (PROJECT / "macros" / "saisies.sql").read_text(encoding="utf-8")
    fold = jinja2.Environment().from_string(macros).module.unite_pliee("u")
    indicators = read_indicators(PROJECT / "models" / "indicators")
    units = sorted({i.words.unite for i in indicators} | {i.words.saisie_unite for i in indicators})
    units += ["M² / An", "logements\u00a0/ an", "tCO₂e/an", "Décès"]
    with duckdb.connect(":memory:") as base:
        base.register("given", pa.table({"u": units}))
        found = [row[0] for row in base.execute(f"select {fold} from given").fetchall()]
    assert found == [folded(unit) for unit in units]
