"""Where the words of a chart go, so that they never cross a line, another word or the frame.

Each label proposes places (boxes in pixels) in order of preference; the cheapest set without a collision is kept. The
search is greedy over a few orders, deterministic, and small (a dozen labels). When no free place exists the least bad
one is taken and counted in `Placement.collisions`, which tests hold at zero for the shapes that a release can have.

Not here: drawing. Text widths are estimated from a table of letter widths that errs on the wide side, because the
reader's font is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Segment = tuple[float, float, float, float]
LINE = 1.22  # line height, in font sizes

_NARROW = frozenset("iljtfrI.,;:'’|!()[] \u00a0\u202f-−/1")
_WIDE = frozenset("mwMWŒœ%@—ÀÉÈQOGDHNUCAB€")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimated width of a text in pixels, on the wide side."""
    units = sum(0.36 if c in _NARROW else 0.80 if c in _WIDE else 0.58 for c in text)
    return units * size * (1.07 if bold else 1.0)


def wrap(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """A text cut at ordinary spaces into lines no wider than `width` pixels (a longer word stays whole)."""
    lines: list[str] = []
    # A line never ends on a link word: « La Porte / du Hainaut ».
    text = re.sub(r"(?<![\w’-])(du|de|des|la|le|les|en|à|et|par|dans) ", "\\1\u00a0", text)
    for word in text.split(" "):
        if lines and text_width(f"{lines[-1]} {word}", size, bold=bold) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, right, bottom, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box, margin: float = 2.0) -> bool:
        return (
            self.left < other.right + margin
            and other.left < self.right + margin
            and self.top < other.bottom + margin
            and other.top < self.bottom + margin
        )

    def inside(self, frame: Box) -> bool:
        return (
            self.left >= frame.left
            and self.right <= frame.right
            and self.top >= frame.top
            and self.bottom <= frame.bottom
        )

    def crossed_by(self, segment: Segment, margin: float = 3.0) -> bool:
        """Does a line segment touch the box (Liang–Barsky clipping, box grown by `margin`)?"""
        x0, y0, x1, y1 = segment
        if (
            max(x0, x1) < self.left - margin
            or min(x0, x1) > self.right + margin
            or max(y0, y1) < self.top - margin
            or min(y0, y1) > self.bottom + margin
        ):
            return False  # most segments are far away
        dx, dy = x1 - x0, y1 - y0
        low, high = 0.0, 1.0
        for p, q in (
            (-dx, x0 - (self.left - margin)),
            (dx, (self.right + margin) - x0),
            (-dy, y0 - (self.top - margin)),
            (dy, (self.bottom + margin) - y0),
        ):
            if p == 0:
                if q < 0:
                    return False
                continue
            t = q / p
            if p < 0:
                low = max(low, t)
            else:
                high = min(high, t)
            if low > high:
                return False
        return True


@dataclass(frozen=True)
class Label:
    """Words tied to a point. `lines`: (text, bold); `kind` tells the renderer its colour.

    `around`: the point is the end of a line or a ring, and every side may be tried; otherwise the label belongs to a
    vertical mark and may sit on either side of it, near `anchor`.
    """

    lines: tuple[tuple[str, bool], ...]
    anchor: Point
    kind: str
    size: float
    around: bool = True

    @property
    def width(self) -> float:
        return max(text_width(text, self.size, bold=bold) for text, bold in self.lines)

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * LINE


@dataclass(frozen=True)
class Placed:
    """A label and its box; `align` is left or right; `leader` joins it to its point when it had to move away."""

    label: Label
    box: Box
    align: str
    leader: Segment | None


@dataclass(frozen=True)
class Placement:
    placed: tuple[Placed, ...]
    collisions: int


def place(
    labels: Sequence[Label],
    lines: Sequence[Segment],
    points: Sequence[Point],
    frame: Box,
    marks: Sequence[Segment] = (),
) -> Placement:
    """The cheapest arrangement of labels.

    Args:
        labels: in order of importance. lines: segments that no label may touch. points: marks that no label may
        cover. frame: no label may leave it. marks: vertical marks that a label may interrupt (the drawing cuts them
        there), at a price.
    """
    dots = [Box(x - 5, y - 5, x + 5, y + 5) for x, y in points]
    best: tuple[float, Placement] | None = None
    ranked = sorted(range(len(labels)), key=lambda i: (labels[i].anchor[1], i))
    for order in (list(range(len(labels))), ranked, ranked[::-1]):
        cost, placement = _greedy([labels[i] for i in order], lines, dots, frame, marks)
        if best is None or cost < best[0] - 1e-9:
            best = (cost, placement)
    return best[1] if best else Placement((), 0)


def _greedy(
    labels: Sequence[Label],
    lines: Sequence[Segment],
    dots: Sequence[Box],
    frame: Box,
    marks: Sequence[Segment],
) -> tuple[float, Placement]:
    placed: list[Placed] = []
    total, collisions = 0.0, 0
    for label in labels:
        chosen: tuple[float, int, Placed] | None = None
        for preference, box, align in sorted(_candidates(label), key=lambda c: c[0]):
            if chosen is not None and preference >= chosen[0]:
                break
            if not box.inside(frame):
                continue
            hits = sum(box.crossed_by(line) for line in lines) + sum(box.overlaps(dot, 0) for dot in dots)
            hits += 3 * sum(box.overlaps(other.box) for other in placed)
            leader = _leader(label, box)
            if leader:
                hits += sum(other.box.crossed_by(leader, 0) for other in placed)
                far = _leader(label, box, cut=16)  # beside its own point a leader may leave through its own line
                hits += sum(_cross(far, line) for line in lines) if far else 0
                hits += sum(dot.crossed_by(leader, 0) for dot in dots if not _holds(dot, label.anchor))
            hits += 3 * sum(box.crossed_by(other.leader, 1) for other in placed if other.leader)
            hits += sum(_inverted(label, box, other) for other in placed)
            cost = preference + 1000.0 * hits + 22.0 * sum(box.crossed_by(mark, 1) for mark in marks)
            if chosen is None or cost < chosen[0] - 1e-9:
                chosen = (cost, hits, Placed(label, box, align, leader))
        if chosen is None:  # wider than the frame: keep it whole, against the left edge
            box = Box(frame.left, label.anchor[1] - label.height, frame.left + label.width, label.anchor[1])
            chosen = (5000.0, 1, Placed(label, box, "left", None))
        total += chosen[0]
        collisions += chosen[1] > 0
        placed.append(chosen[2])
    return total, Placement(tuple(placed), collisions)


def _candidates(label: Label) -> list[tuple[float, Box, str]]:
    """(preference, box, alignment of the text), the smaller the better."""
    x, y = label.anchor
    w, h = label.width, label.height
    out: list[tuple[float, Box, str]] = []
    if not label.around:
        for down in range(0, 200, 8):
            out.append((down * 1.0, Box(x + 6, y + down, x + 6 + w, y + down + h), "left"))
            out.append((4 + down * 1.0, Box(x - 6 - w, y + down, x - 6, y + down + h), "right"))
        return out
    for shift in range(0, 132, 6):
        for sign in (1, -1) if shift else (1,):
            dy = sign * shift
            out.append((shift * 1.0, Box(x + 11, y - h / 2 + dy, x + 11 + w, y + h / 2 + dy), "left"))
    for up in range(0, 132, 6):
        for dx, penalty in ((0.0, 13.0), (-w / 2, 16.0), (-w + 6, 12.0), (-w - 20, 30.0), (24.0, 24.0), (60.0, 38.0)):
            align = "right" if dx <= -w + 6 else "left"
            out.append((penalty + up, Box(x + dx, y - 12 - h - up, x + dx + w, y - 12 - up), align))
            out.append((penalty + 3 + up, Box(x + dx, y + 12 + up, x + dx + w, y + 12 + h + up), align))
    return out


def _inverted(label: Label, box: Box, other: Placed) -> bool:
    """Would two stacked names stand in the other order than the ends of their lines?"""
    if not (label.around and other.label.around):
        return False
    side_by_side = box.left < other.box.right and other.box.left < box.right
    gap = label.anchor[1] - other.label.anchor[1]
    near = abs(label.anchor[0] - other.label.anchor[0]) < 30
    return side_by_side and near and abs(gap) > 1 and (box.top - other.box.top) * gap < 0


def _holds(box: Box, point: Point) -> bool:
    return box.left <= point[0] <= box.right and box.top <= point[1] <= box.bottom


def _cross(a: Segment, b: Segment) -> bool:
    """Do two segments properly cross? Shared ends do not count."""

    if max(a[0], a[2]) < min(b[0], b[2]) or max(b[0], b[2]) < min(a[0], a[2]):
        return False

    def side(s: Segment, x: float, y: float) -> float:
        return (s[2] - s[0]) * (y - s[1]) - (s[3] - s[1]) * (x - s[0])

    return side(a, b[0], b[1]) * side(a, b[2], b[3]) < -1e-6 and side(b, a[0], a[1]) * side(b, a[2], a[3]) < -1e-6


def _leader(label: Label, box: Box, cut: float = 7) -> Segment | None:
    """A thin line from the point to the nearest edge of a box that is not beside it."""
    if not label.around:
        return None
    x, y = label.anchor
    nx, ny = min(max(x, box.left), box.right), min(max(y, box.top), box.bottom)
    distance = ((nx - x) ** 2 + (ny - y) ** 2) ** 0.5
    if distance <= 17:
        return None
    start = cut / distance
    return (x + (nx - x) * start, y + (ny - y) * start, nx, ny)
