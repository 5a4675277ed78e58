"""The inputs of a build, written where dbt reads them: landed tables by dataset, and `inputs/*.parquet`.

Not here: running dbt (flows.warehouse). Paths go to dbt as variables; see docs/architecture.md, "Inputs of a build".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from flows.core.datasets import GROUPE, Territory
from flows.files import storage_errors
from flows.landing.corrections import Outcome, correct_files
from flows.landing.decoded import DecodedCache
from flows.landing.selection import Chosen, dataset_table, edition_table


def landed_files(
    chosen: Chosen, cache: DecodedCache, corrections: Sequence[Mapping[str, Any]], folder: Path
) -> tuple[dict[str, list[str]], list[Outcome]]:
    """Parquet files of every dataset (`provider__name`), in the order of partition and sequence.

    A dataset without any accepted edition gets one empty table of the right schema.

    Args:
        corrections: rows of `referentiel/corrections`. folder: where corrected copies are written.
    Returns:
        The files, and what became of each correction.
    """
    landed: dict[str, list[str]] = {}
    outcomes = [
        Outcome(row, problem="Aucun jeu de données ne porte ce nom.")
        for row in corrections
        if row["jeu"] not in {item.dataset.id for item in chosen.selected}
    ]
    for item in chosen.selected:
        files = []
        for edition in sorted(item.accepted, key=lambda e: (e.partition, e.sequence)):
            path = cache.path(item.dataset, edition)
            if not path.exists():
                cache.get(item.dataset, edition)
            files.append(path)
        rows = [row for row in corrections if row["jeu"] == item.dataset.id]
        if rows:
            name = item.dataset.table_name
            files, told = correct_files(files, rows, item.dataset.schema, folder / "corriges" / name)
            outcomes += told
        landed[item.dataset.table_name] = [str(path) for path in files or [cache.empty(item.dataset)]]
    return dict(sorted(landed.items())), outcomes


def write_inputs(folder: Path, chosen: Chosen, territory: Territory, tables: Mapping[str, pa.Table]) -> None:
    """Write `datasets`, `editions`, `territories` and the given `tables` (indicators, predecessor_status)."""
    roles = {territory.epci: "territoire"} | {code: "voisin" for code in territory.voisins}
    rows = [{"niveau": "epci", "code": territory.epci, "nom": territory.nom, "role": "territoire", "ordre": 0}]
    rows += [
        {"niveau": niveau, "code": code, "nom": nom, "role": roles.get(code, "reference"), "ordre": i}
        for i, (niveau, code, nom) in enumerate(territory.references, start=1)
    ]
    if territory.comparables:
        code, nom = GROUPE
        rows.append({"niveau": "groupe", "code": code, "nom": nom, "role": "reference", "ordre": len(rows)})
    schema = pa.schema(
        [
            ("niveau", pa.string()),
            ("code", pa.string()),
            ("nom", pa.string()),
            ("role", pa.string()),
            ("ordre", pa.int64()),
        ]
    )
    everything = {
        "datasets": dataset_table(chosen),
        "editions": edition_table(chosen),
        "territories": pa.Table.from_pylist(rows, schema=schema),
        **tables,
    }
    with storage_errors():
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in sorted(everything.items()):
            pq.write_table(table, folder / f"{name}.parquet")
