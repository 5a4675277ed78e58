"""Digests of tables: the same figures give the same digest, whatever the order of rows or of chunks.

Not here: digests of values (`datasets.digest`) and of files (the rooms that own them).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from flows.core.ordering import in_order


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
            kept = kept.set_column(index, field.name, _listed(kept.column(index)))
    if kept.num_columns and kept.num_rows and not in_order(kept):
        kept = kept.sort_by([(name, "ascending") for name in kept.column_names])
    sink = _Sink()
    sink.write(head.encode())
    if kept.num_rows:
        pacsv.write_csv(kept, pa.PythonFile(sink, mode="w"))
    return sink.digest.hexdigest()


class _Sink:
    """A file that keeps nothing but the digest of what is written to it."""

    closed = False

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, body: bytes) -> int:
        self.digest.update(body)
        return len(body)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""


def _listed(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """Lists as their JSON text. The same few lists come back on every row: each distinct one is written once."""
    joined = pc.binary_join(column, "\x1f")
    if pa.types.is_string(column.type.value_type) and joined.null_count == column.null_count:
        sizes = pc.list_value_length(column).cast(pa.string())  # [] is not [""]
        keys = pc.binary_join_element_wise(sizes, joined, ":").combine_chunks().dictionary_encode()
        if isinstance(keys, pa.ChunkedArray):  # an empty column has no chunk to combine
            keys = keys.combine_chunks()
        words = [key.split(":", 1) for key in keys.dictionary.to_pylist()]
        texts = [json.dumps(text.split("\x1f") if size != "0" else [], ensure_ascii=False) for size, text in words]
        return pa.array(texts, pa.string()).take(keys.indices)
    texts = [None if value is None else json.dumps(value, ensure_ascii=False) for value in column.to_pylist()]
    return pa.array(texts, pa.string())
