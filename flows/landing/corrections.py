"""Corrections of what a source says: a steward's rows applied to landed tables before a build reads them.

Raw bytes, decoded cache and fingerprints stay what the source said; only the copy that one build reads is corrected.
A correction holds as long as the source says what was corrected (its guard): when the source says something else it
is no longer applied, and the release says so. Not here: the steward's table and its form (flows.sources.stewards).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

APPLIED, EXPIRED, ABSENT, INVALID = "appliquee", "perimee", "sans_objet", "invalide"
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("jeu", "cle", "colonne", "valeur_source", "valeur_corrigee", "motif")),
        *((name, pa.string()) for name in ("ticket", "auteur")),
        ("date", pa.date32()),
        ("etat", pa.string()),
        ("detail", pa.string()),
        ("lignes", pa.int64()),
    ]
)


@dataclass
class Outcome:
    """What became of one correction: rows corrected, and rows with its key that say something else."""

    row: Mapping[str, Any]
    corrected: int = 0
    other: str | None = None
    problem: str = ""

    @property
    def etat(self) -> str:
        if self.problem:
            return INVALID
        if self.corrected:
            return APPLIED
        return ABSENT if self.other is None else EXPIRED

    @property
    def detail(self) -> str:
        """French sentence for the steward; "" when the correction is applied."""
        match self.etat:
            case "invalide":
                return self.problem
            case "perimee":
                return f"La source dit maintenant « {self.other} » : la correction n’est plus appliquée."
            case "sans_objet":
                return "Aucune ligne de la source ne porte cette clé."
        return ""


def correct_files(
    files: Sequence[Path], rows: Sequence[Mapping[str, Any]], schema: pa.Schema, folder: Path
) -> tuple[list[Path], list[Outcome]]:
    """The landed Parquet files of one dataset with its corrections applied.

    Args:
        rows: of `referentiel/corrections`, for this dataset. schema: the dataset's own. folder: where changed copies
            are written.
    Returns:
        The files to read, in the same order (those without any corrected row are the given ones), and one outcome a
        correction, in their order.
    """
    outcomes = [Outcome(row) for row in rows]
    read = []
    for file in files:
        table = pq.read_table(file)
        changed = table
        for outcome in outcomes:
            changed = _apply(changed, outcome, schema)
        if changed is table:
            read.append(file)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            pq.write_table(changed, folder / file.name)
            read.append(folder / file.name)
    return read, outcomes


def outcomes_table(outcomes: Sequence[Outcome]) -> pa.Table:
    """`dim_correction`, by dataset, key and column."""
    rows = [
        {
            "jeu": o.row["jeu"],
            "cle": o.row["cle"],
            "colonne": o.row["colonne"],
            "valeur_source": o.row["valeur_attendue"] or "",
            "valeur_corrigee": o.row["valeur_corrigee"] or "",
            "motif": o.row["motif"],
            "ticket": o.row["ticket"] or "",
            "auteur": o.row["auteur"],
            "date": o.row["date"],
            "etat": o.etat,
            "detail": o.detail,
            "lignes": o.corrected,
        }
        for o in outcomes
    ]
    return pa.Table.from_pylist(sorted(rows, key=lambda r: (r["jeu"], r["cle"], r["colonne"])), schema=SCHEMA)


def _apply(table: pa.Table, outcome: Outcome, schema: pa.Schema) -> pa.Table:
    """The table with one correction applied; the same object when nothing in it changes."""
    row, column = outcome.row, str(outcome.row["colonne"])
    try:
        pairs = [part.split("=", 1) for part in str(row["cle"]).split(";") if part.strip()]
        keys = {name.strip(): value.strip() for name, value in pairs}
    except ValueError:
        keys = {}
    unknown = [name for name in (*keys, column) if name not in schema.names]
    if unknown or not keys:
        told = f"colonne inconnue : {unknown[0]}" if unknown else "clé attendue sous la forme « colonne=valeur;… »"
        outcome.problem = f"La correction ne peut pas être lue ({told})."
        return table
    kind = schema.field(column).type
    try:
        expected, corrected = _typed(row["valeur_attendue"], kind), _typed(row["valeur_corrigee"], kind)
    except (ValueError, pa.ArrowException):
        outcome.problem = f"La correction ne peut pas être lue (une valeur n’est pas du type {kind})."
        return table
    here = pa.array([True] * table.num_rows)
    for name, value in keys.items():
        here = pc.and_(here, pc.fill_null(pc.equal(pc.cast(table[name], pa.string()), value), False))
    same = pc.is_null(table[column]) if expected is None else pc.fill_null(pc.equal(table[column], expected), False)
    both = pc.and_(here, same)
    others = table.filter(pc.and_(here, pc.invert(both)))
    if others.num_rows and outcome.other is None:
        outcome.other = str(others[column][0].as_py() if others[column][0].as_py() is not None else "rien")
    count = pc.sum(both).as_py() or 0
    outcome.corrected += count
    if not count:
        return table
    values = pc.if_else(both, pa.scalar(corrected, kind), table[column])
    return table.set_column(table.schema.get_field_index(column), table.schema.field(column), values)


def _typed(text: str | None, kind: pa.DataType) -> Any:
    """A value as the column holds it; None for an empty cell. Numbers take a decimal comma or point."""
    text = (text or "").strip()
    if not text:
        return None
    if pa.types.is_floating(kind):
        return float(text.replace(",", ".").replace("\u202f", "").replace(" ", ""))
    if pa.types.is_integer(kind):
        return int(text.replace("\u202f", "").replace(" ", ""))
    return pa.scalar(text, pa.string()).cast(kind).as_py()
