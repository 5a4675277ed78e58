"""Digests of tables: the same figures give the same digest, whatever the order of rows or of chunks.

Not here: digests of values (`datasets.digest`) and of files (the rooms that own them).
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv


def table_digest(table: pa.Table, without: Sequence[str] = ()) -> str:
    """sha256 (hex) of column names, types and sorted rows of a table, leaving out the columns `without`.

    Lists are compared by their JSON text; floats by their shortest exact decimal form, zero having no sign.
    """
    kept = table.drop_columns([name for name in without if name in table.column_names])
    for index, field in enumerate(kept.schema):
        if pa.types.is_floating(field.type):  # minus zero is zero, and would be written otherwise
            kept = kept.set_column(index, field, pc.add(kept.column(index), pa.scalar(0.0, field.type)))
    head = json.dumps([[field.name, str(field.type)] for field in kept.schema])
    for index, field in enumerate(kept.schema):
        if pa.types.is_list(field.type):
            texts = [None if v is None else json.dumps(v, ensure_ascii=False) for v in kept.column(index).to_pylist()]
            kept = kept.set_column(index, field.name, pa.array(texts, pa.string()))
    if kept.num_columns and kept.num_rows:
        kept = kept.sort_by([(name, "ascending") for name in kept.column_names])
    buffer = io.BytesIO()
    buffer.write(head.encode())
    if kept.num_rows:
        pacsv.write_csv(kept.combine_chunks(), buffer)
    return hashlib.sha256(buffer.getvalue()).hexdigest()
