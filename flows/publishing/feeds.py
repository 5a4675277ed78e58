"""Files for machines that need absolute addresses: sitemap, robots, Atom feeds of changes of state and of alerts.

Not here: the exports of figures (`exports`). Dates are the release's night, never the clock.
"""

from __future__ import annotations

import hashlib
import uuid
from xml.etree import ElementTree as ET

from flows.publishing.pages import Writer
from flows.publishing.views_alerts import log_lines
from flows.publishing.views_data import World
from flows.publishing.views_home import changes

_ATOM = "http://www.w3.org/2005/Atom"
FEED = 50
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def write_sitemap(writer: Writer, addresses: list[str]) -> None:
    """`/sitemap.xml`: every page, in the order of addresses."""
    root = ET.Element("urlset", xmlns=_SITEMAP)
    for address in sorted(addresses):
        ET.SubElement(ET.SubElement(root, "url"), "loc").text = writer.base_url + address.lstrip("/")
    writer.write("/sitemap.xml", _xml(root))


def write_robots(writer: Writer) -> None:
    """`/robots.txt`: everything may be read, except the raw files, which are large and make no page."""
    text = f"User-agent: *\nDisallow: /brut/\nSitemap: {writer.base_url}sitemap.xml\n"
    writer.write("/robots.txt", text.encode())


def write_feed(writer: Writer, world: World) -> None:
    """`/journal/flux.xml`: one entry for the release, then one a change of state, with stable ids."""
    words = world.words
    moved, first = changes(world)
    when = f"{world.nuit}T00:00:00Z"
    page = writer.base_url + "journal/"
    root = _feed(world, page, words["journal"]["flux_titre"])
    count = sum(1 for c in world.changes if c["premiere"])
    summary = words["journal"]["premiere"].format(n=count) if first else words["journal"]["aucun"]
    if not moved:
        _entry(root, world.id, words["site"]["version"].format(id=world.id), summary, page, when)
    for change in moved:
        state = words["etats"][change["apres"]]
        before = words["etats"][change["avant"]] if change["avant"] else words["site"]["aucun"]
        _entry(
            root,
            f"{world.id}/{change['slug']}",
            f"{change['titre']} : {state}",
            f"{before} → {state}. {change['cause']}.",
            f"{writer.base_url}indicateurs/{change['slug']}/",
            when,
        )
    writer.write("/journal/flux.xml", _xml(root))


def write_alert_feed(writer: Writer, world: World) -> None:
    """`/alertes/flux.xml`: what leads were told since the first release, newest first, at most `FEED` entries."""
    page = writer.base_url + "alertes/"
    root = _feed(world, page, world.words["alertes"]["flux_titre"])
    told = [line for line in log_lines(world) if line["dit"]][:FEED]
    for line in told:
        href = f"{writer.base_url}indicateurs/{line['slug']}/" if line["slug"] else page
        title = f"{line['titre']} : {line['quoi']}" if line["titre"] else line["quoi"]
        _entry(root, f"alertes/{line['cle']}", title, line["detail"], href, f"{line['nuit']}T00:00:00Z")
    writer.write("/alertes/flux.xml", _xml(root))


def _feed(world: World, page: str, title: str) -> ET.Element:
    """A feed without entries; `updated` is the night of the release."""
    root = ET.Element("feed", xmlns=_ATOM)
    root.set("xml:lang", "fr")
    _text(root, "title", title.format(observatoire=world.territory["observatoire"]))
    _text(root, "id", page)
    _text(root, "updated", f"{world.nuit}T00:00:00Z")
    ET.SubElement(root, "link", rel="self", href=page + "flux.xml")
    ET.SubElement(root, "link", rel="alternate", type="text/html", href=page)
    _text(ET.SubElement(root, "author"), "name", world.territory["nom_long"])
    return root


def _entry(root: ET.Element, key: str, title: str, summary: str, href: str, when: str) -> None:
    entry = ET.SubElement(root, "entry")
    _text(entry, "title", title)
    _text(entry, "id", f"urn:uuid:{uuid.UUID(bytes=hashlib.sha256(key.encode()).digest()[:16], version=4)}")
    _text(entry, "updated", when)
    ET.SubElement(entry, "link", rel="alternate", type="text/html", href=href)
    _text(entry, "summary", summary)


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _xml(root: ET.Element) -> bytes:
    ET.indent(root)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"
