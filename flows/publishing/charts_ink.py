"""The palette of drawings and the last step of each: accessible, themeable SVG on one line.

A file that leaves the site keeps plain colours; in a drawing set in a page every colour of the palette becomes the
page's own variable with the plain one as fallback (`var(--encre,#1d2830)`): that is how dark mode and print work
without a second drawing and without any style sheet of ours.

Not here: any shape.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

INK = {
    "encre": "#1d2830",
    "doux": "#56646e",
    "filet": "#dcdad1",
    "canal": "#1b5a86",
    "papier": "#fbfaf6",
    "compare": "#8a959c",
    "ocre": "#8a5a00",
    "foret": "#1f6b4c",
    "brique": "#a8372a",
    "gris": "#6a747b",
}
RAMP = ("#dfe9ee", "#aecbd9", "#75a5bf", "#3f7ea1", "#1b4f73")  # one hue, for maps: --c0 … --c4 of the page
FONT = "Atkinson Hyperlegible Next, Atkinson Hyperlegible, Inter, Segoe UI, Roboto, Helvetica, Arial, sans-serif"
SVG = "http://www.w3.org/2000/svg"
ET.register_namespace("", SVG)  # written without a prefix


def finish(
    svg: str, *, ident: str, title: str, description: str, themed: bool, css: str = "", role: str = "img"
) -> str:
    """Make a raw SVG accessible and themeable, on one line.

    Args:
        ident: prefix of the ids of its title and description. css, role: of the root element (`group` when it
            holds links, which `img` would hide from readers of screens).
        themed: colours as the page's variables; otherwise plain colours on a ground of paper.
    """
    root = ET.fromstring(svg)
    for element in list(root.iter()):
        _paint(element, themed)
        for child in list(element):
            if child.tag == f"{{{SVG}}}path" and not child.get("d"):
                element.remove(child)  # Vega leaves an empty path in every group
    for key in [key for key in root.attrib if key.endswith("version") or key == "class"]:
        del root.attrib[key]
    if css:
        root.set("class", css)
    root.set("role", role)
    root.set("aria-labelledby", f"{ident}-t {ident}-d")
    if not themed:
        root.insert(0, ET.Element(f"{{{SVG}}}rect", {"width": "100%", "height": "100%", "fill": INK["papier"]}))
    for i, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{SVG}}}{tag}", {"id": f"{ident}-{tag[0]}"})
        element.text = text
        root.insert(i, element)
    return ET.tostring(root, encoding="unicode", short_empty_elements=True)


_NAMES = {code: name for name, code in INK.items()}
# Variables of the page; drawings lie on a plate, whose ground is `--carte`.
_VARIABLES = {"papier": "carte"}


def themed_colour(code: str) -> str:
    """A palette colour as a page variable with its fallback; any other value unchanged."""
    if code.lower() in RAMP:
        return f"var(--c{RAMP.index(code.lower())},{code})"
    name = _NAMES.get(code.lower())
    return f"var(--{_VARIABLES.get(name, name)},{code})" if name else code


def _paint(element: ET.Element, themed: bool) -> None:
    """Page variables for the palette's colours; drop what only a Vega runtime reads."""
    if not element.tag.endswith("}a"):  # a link keeps its name
        for key in ("aria-roledescription", "aria-label", "role", "aria-hidden", "pointer-events"):
            element.attrib.pop(key, None)
    if element.attrib.get("class", "").startswith(("mark-", "role-", "background", "foreground")):
        del element.attrib["class"]
    for key in ("fill", "stroke"):
        if themed and key in element.attrib:
            element.set(key, themed_colour(re.sub(r"\s", "", element.attrib[key])))
