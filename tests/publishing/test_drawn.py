"""Drawings are kept by what they are drawn from: drawn once, the same bytes, and never needed."""

from __future__ import annotations

import os
from pathlib import Path

from flows.publishing.charts import chart_of
from flows.publishing.drawn import drawn, kept_in, sweep
from flows.publishing.figures import read_indicator


def test_drawn_once_by_what_it_is_drawn_from(tmp_path: Path) -> None:
    asked = []

    def make() -> bytes:
        asked.append(1)
        return b"dessin"

    assert drawn("svg", "a", make) == b"dessin"  # no folder: drawn each time
    with kept_in(tmp_path):
        assert [drawn("svg", "a", make), drawn("svg", "a", make), drawn("png", "a", make)] == [b"dessin"] * 3
        drawn("svg", "b", make)
    assert len(asked) == 4 and len(list(tmp_path.glob("*/*"))) == 3


def test_a_chart_from_the_folder_is_the_chart_drawn(tmp_path: Path, release) -> None:
    indicator = read_indicator(release, "consommation_enaf")
    with kept_in(tmp_path):
        first, again = chart_of(indicator, release.nuit), chart_of(indicator, release.nuit)
    assert first == again == chart_of(indicator, release.nuit)
    assert {path.suffix for path in tmp_path.glob("*/*")} == {".svg", ".png"}


def test_old_drawings_are_swept(tmp_path: Path) -> None:
    with kept_in(tmp_path):
        drawn("svg", "vieux", lambda: b"1")
        drawn("svg", "neuf", lambda: b"2")
    old = next(path for path in tmp_path.glob("*/*") if path.read_bytes() == b"1")
    os.utime(old, (1_000, 1_000))
    assert sweep(tmp_path, 2_000) == 1
    assert [path.read_bytes() for path in tmp_path.glob("*/*")] == [b"2"]
