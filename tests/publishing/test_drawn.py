"""Drawings are kept by what they are drawn from: drawn once, the same bytes, and never needed."""

from __future__ import annotations

import os
from pathlib import Path

from flows.publishing.charts import chart_of, indicator_chart
from flows.publishing.drawn import drawn, kept_in, sweep
from flows.publishing.figures import indicator_ids, read_indicator
from tests.publishing.site_kit import BASE, exported
from tests.tiny_release import tiny_release


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


def test_a_night_in_which_one_figure_changed_draws_what_it_touches_and_gives_the_same_bytes(tmp_path: Path) -> None:
    def one_changed(rows):
        mine = ("revenu_median_uc", "200042190", "")
        keys = [(row["indicateur"], row["territoire_code"], row["ventilation"]) for row in rows]
        last = max(n for n, key in enumerate(keys) if key == mine and rows[n]["valeur"])
        return [row | {"valeur": row["valeur"] + 1} if n == last else row for n, row in enumerate(rows)]

    def downloads(release):
        charts = {name: indicator_chart(release, name) for name in indicator_ids(release)}
        return exported(release, BASE, {name: chart for name, chart in charts.items() if chart is not None})

    with kept_in(tmp_path):
        downloads(tiny_release())
        known = set(tmp_path.glob("*/*"))
        again = downloads(tiny_release(fct_observation=one_changed))
    assert 0 < len(set(tmp_path.glob("*/*")) - known) < len(known) / 4
    assert again == downloads(tiny_release(fct_observation=one_changed))
