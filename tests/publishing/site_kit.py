"""A site of the tiny release, built once a process, and its pages parsed strictly: shared by the page tests.

Not here: any assertion.
"""

from __future__ import annotations

import functools
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock
from xml.etree.ElementTree import Element

import html5lib

from flows.publishing import exports
from flows.publishing.charts import Chart
from flows.publishing.site import SiteSummary, build_site
from tests.tiny_release import TinyRelease, tiny_release

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "site"
BASE = "https://observatoire.example.org/"
TOWN = {
    "nom": "La Porte du Hainaut",
    "nom_long": "Communauté d'agglomération de La Porte du Hainaut",
    "de_nom": "de La Porte du Hainaut",
    "projet": "Projet de Territoire 2024-2044",
    "observatoire": "Observatoire 2044",
}
_kept: list[tempfile.TemporaryDirectory[str]] = []  # removed when the process ends


def build(release: TinyRelease, target: Path, *, drawn: bool = False, **more: Any) -> SiteSummary:
    """The site of a release, with the town's words; without drawings and exports unless `drawn` (they are slow)."""
    given = {"base_url": BASE, "territory": TOWN} | more
    if drawn:
        return build_site(release, target, SITE, **given)
    with (
        mock.patch("flows.publishing.charts.indicator_chart", return_value=None),
        mock.patch("flows.publishing.charts.distribution", return_value=None),
        mock.patch("flows.publishing.maps.commune_map", return_value=None),
        mock.patch("flows.publishing.exports.write_exports", return_value=[]),
    ):
        return build_site(release, target, SITE, **given)


@functools.cache
def built() -> Path:
    """The site of the tiny release, in a temporary folder; built once."""
    folder = tempfile.TemporaryDirectory(prefix="site-")
    _kept.append(folder)
    target = Path(folder.name)
    build(tiny_release(), target, drawn=True)
    return target


def exported(release: TinyRelease, base_url: str, charts: Mapping[str, Chart]) -> dict[str, bytes]:
    """The downloads of a release, by address."""
    with tempfile.TemporaryDirectory(prefix="exports-") as folder:
        exports.write_exports(release, Path(folder), base_url, charts=charts)
        return tree(Path(folder))


def pages(target: Path) -> Iterator[Path]:
    """Every HTML page, in the order of addresses."""
    return iter(sorted(target.rglob("*.html")))


@functools.cache
def parsed(path: Path) -> Element:
    """A page as a tree; any fault against the HTML standard raises (strict parser)."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(path.read_text(encoding="utf-8"))


def tree(target: Path) -> dict[str, bytes]:
    """Every file of a site, by address."""
    return {p.relative_to(target).as_posix(): p.read_bytes() for p in sorted(target.rglob("*")) if p.is_file()}


def text(node: Element) -> str:
    """The words of a node, blanks folded."""
    return re.sub(r"[ \n\r\t]+", " ", "".join(node.itertext())).strip()  # no-break spaces are kept
