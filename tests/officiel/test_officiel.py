"""The release says what the official files say: each row of officiel.csv and rows/, nothing written in advance.

Not here: the demonstration tables themselves (tests/demonstration).
"""

from __future__ import annotations

import pytest

from tests.officiel.comparison import Published, difference
from tests.officiel.counts import COMPARED
from tests.officiel.reader import read_all, same_file


@pytest.mark.shared
def test_the_release_says_what_the_official_files_say(shared_data, released, record_property):
    tables = (released.table(name).to_pylist() for name in ("fct_observation", "dim_indicator", "dim_territory"))
    published = Published(*tables)
    placed = read_all()
    wrong = [
        f"{name}, ligne {row.line}, {row.id} : {text}"
        for name, row in placed
        if (text := difference(row, shared_data, published))
    ]
    rows = [row for _, row in placed]
    record_property(COMPARED, ("official figures", "release", len(rows), same_file(rows)))
    assert not wrong, f"{len(wrong)} sur {len(rows)} :\n" + "\n".join(wrong[:40])
