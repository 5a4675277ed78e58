"""The points of a sparkline: a series as a small line without axis or words.

Not here: which figures it is drawn from (`views_home.sparkline`), its SVG (the `courbe` macro of the templates).
"""

from __future__ import annotations

from typing import Any


def spark(
    points: list[tuple[float, float]], width: float = 96, height: float = 26, pad: float = 3
) -> dict[str, Any] | None:
    """Points of a sparkline in a box, or None under two values.

    Args:
        points: (position on the yearly axis, value), in time order.

    Returns:
        `points` (text for a polyline), `x`, `y` of the last point, `width`, `height`; SVG units, one decimal.
    """
    if len(points) < 2:
        return None
    values, (first, last) = [v for _, v in points], (points[0][0], points[-1][0])
    low, high = min(values), max(values)

    def place(position: float, value: float) -> tuple[float, float]:
        x = pad + (width - 2 * pad) * (position - first) / (last - first) if last > first else width / 2
        y = height / 2 if high == low else pad + (height - 2 * pad) * (high - value) / (high - low)
        return round(x, 1), round(y, 1)

    placed = [place(position, value) for position, value in points]
    return {
        "points": " ".join(f"{x:g},{y:g}" for x, y in placed),
        "x": f"{placed[-1][0]:g}",
        "y": f"{placed[-1][1]:g}",
        "width": f"{width:g}",
        "height": f"{height:g}",
    }
