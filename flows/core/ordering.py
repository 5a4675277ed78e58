"""Are rows in order already? Sorting millions of rows by twenty columns costs far more than seeing that they are.

Not here: sorting, and what an order is for.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc


def in_order(table: pa.Table, names: Sequence[str] | None = None) -> bool:
    """Does each row come strictly after the one before, by these columns (all by default) in turn?

    Strictly: no two rows are equal, so there is no other order. Texts compare by their bytes. False as soon as it
    cannot be told: a null, a list or a float among the cells that decide.
    """
    if table.num_rows < 2:
        return True
    equal = None  # rows that are still equal to the one before; None for all of them
    for name in names or table.column_names:
        column = table.column(name)
        if pa.types.is_nested(column.type) or pa.types.is_floating(column.type):
            return False
        before, after = column.slice(0, table.num_rows - 1), column.slice(1)
        if equal is not None:
            before, after = before.filter(equal), after.filter(equal)
        if before.null_count or after.null_count:
            return False
        same = pc.equal(before, after)
        if not pc.all(pc.or_(pc.greater(after, before), same), min_count=0).as_py():
            return False
        if not pc.any(same, min_count=0).as_py():
            return True
        # Where rows were equal so far, keep only those that still are.
        equal = same if equal is None else pc.replace_with_mask(_chunk(equal), _chunk(equal), _chunk(same))
    return False


def _chunk(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
