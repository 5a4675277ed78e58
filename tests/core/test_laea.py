"""The European grid: the example of the method's own guidance, and there and back."""

from __future__ import annotations

import pytest

from flows.core.laea import to_degrees, to_grid


def test_the_example_of_the_guidance_note():
    # IOGP guidance note 7-2, method 9820: 50° N 5° E.
    assert to_grid(5, 50) == pytest.approx((3_962_799.45, 2_999_718.85), abs=0.01)
    assert to_degrees(3_962_799.45, 2_999_718.85) == pytest.approx((5, 50), abs=1e-7)


def test_the_origin_is_where_it_is_declared():
    assert to_grid(10, 52) == pytest.approx((4_321_000, 3_210_000), abs=1e-6)
    assert to_degrees(4_321_000, 3_210_000) == pytest.approx((10, 52), abs=1e-12)


@pytest.mark.parametrize(("longitude", "latitude"), [(3.38, 50.33), (-4.5, 48.4), (9.5, 42.0), (2.35, 48.85)])
def test_there_and_back(longitude, latitude):
    assert to_degrees(*to_grid(longitude, latitude)) == pytest.approx((longitude, latitude), abs=1e-7)
