"""Reading a release once: the same object for the same release, never another release's figures."""

from __future__ import annotations

import gc

import pytest

from flows.core.errors import ReleaseError
from flows.publishing import figures, observed
from tests.tiny_release import tiny_release


def test_a_release_is_read_once_and_never_mistaken_for_another():
    def richer(rows):
        return [row | {"valeur": row["valeur"] and row["valeur"] + 1} for row in rows]

    one, other = tiny_release(), tiny_release(fct_observation=richer)
    first = figures.read_indicator(one, "revenu_median_uc")
    assert figures.read_indicator(one, "revenu_median_uc") is first
    second = figures.read_indicator(other, "revenu_median_uc")
    assert dict(second.figures.series) != dict(first.figures.series)
    assert dict(figures.read_indicator(one, "revenu_median_uc").figures.series) == dict(first.figures.series)


def test_figures_leave_with_their_release():
    release = tiny_release()
    assert figures.read_indicators(release)
    del release
    gc.collect()
    assert not figures._kept
    assert not observed._kept


def test_an_undeclared_indicator_is_refused():
    with pytest.raises(ReleaseError, match="n’est pas déclaré"):
        figures.read_indicator(tiny_release(), "inconnu")
