"""The few shapes that drawings made by hand share: the root element, a line, a text.

Not here: what is drawn (`charts_parts`, `charts`, `charts_draw`), colours as page variables (`charts_ink.finish`).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from flows.publishing.charts_ink import FONT, INK, SVG


def viewbox(width: float, height: float) -> dict[str, str]:
    """Attributes of a root SVG element of this size."""
    return {"xmlns": SVG, "width": f"{width:g}", "height": f"{height:g}", "viewBox": f"0 0 {width:g} {height:g}"}


def line(root: ET.Element, x0: float, y0: float, x1: float, y1: float, ink: str, width: float) -> None:
    """A straight line in a colour of the palette."""
    ends = {"x1": f"{x0:.1f}", "y1": f"{y0:.1f}", "x2": f"{x1:.1f}", "y2": f"{y1:.1f}"}
    ET.SubElement(root, "line", ends | {"stroke": INK[ink], "stroke-width": f"{width:g}"})


def text(
    root: ET.Element, x: float, y: float, said: str, size: float, ink: str, anchor: str, *, bold: bool = False
) -> None:
    """A text on its baseline in a colour of the palette."""
    attributes = {
        "x": f"{x:.1f}",
        "y": f"{y:.1f}",
        "font-family": FONT,
        "font-size": f"{size:g}px",
        "text-anchor": anchor,
        "fill": INK[ink],
    }
    if bold:
        attributes["font-weight"] = "700"
    ET.SubElement(root, "text", attributes).text = said
