"""Long texts of the site: one Markdown file a page, French typography, heading anchors.

Not here: templates and interface words (`flows.publishing.pages`), addresses (`Site.link`). Raw HTML inside a content
file is shown as text, never passed through, because stewards write these files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from flows.core import yamls
from flows.core.errors import ConfigurationError

_KEYS = {"titre", "resume", "menu", "ordre"}
_SPACES = re.compile(r"[ \u00a0\u202f]([;:!?»])|(«)[ \u00a0\u202f]")


@dataclass(frozen=True)
class Content:
    """One page of text. `body` is safe HTML; `headings` are (anchor, text) of its second-level titles."""

    slug: str
    titre: str
    resume: str
    ordre: int
    body: Markup
    headings: tuple[tuple[str, str], ...]


def typo(text: str) -> str:
    """French spaces: no line may start with « ; : ! ? » », nor end with « « ». Other characters are untouched."""
    return _SPACES.sub(lambda m: f"\u00a0{m[1]}" if m[1] else "«\u00a0", text)


def anchor(text: str) -> str:
    """A heading's anchor: lower case ASCII words joined by dashes (`Où lire` → `ou-lire`)."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "section"


def load_content(folder: Path, link: Callable[[str], str]) -> list[Content]:
    """Every `*.md` of a folder, by slug.

    A file starts with a YAML header between two `---` lines (titre, resume, ordre). Links written from the root
    (`/glossaire/#apl`) go through `link`.

    Raises:
        ConfigurationError: no header, an unknown or missing key; the file is named.
    """
    pages = []
    for path in sorted(folder.glob("*.md")):
        header, text = _split(path)
        body, headings = render(text, link)
        pages.append(
            Content(
                path.stem, typo(header["titre"]), typo(header["resume"]), header.get("ordre", 100), body, headings
            )
        )
    return pages


def render(text: str, link: Callable[[str], str]) -> tuple[Markup, tuple[tuple[str, str], ...]]:
    """Markdown → safe HTML and its second-level headings; raw HTML is escaped."""
    md = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = md.parse(text)
    headings: list[tuple[str, str]] = []
    for i, token in enumerate(tokens):
        if token.type == "inline":
            _inline(token, link)
        if token.type == "heading_open":
            title = "".join(t.content for t in tokens[i + 1].children or [])
            name = _unique(anchor(title), {name for name, _ in headings})
            token.attrSet("id", name)
            if token.tag == "h2":
                headings.append((name, title))
    html = md.renderer.render(tokens, md.options, {})
    html = html.replace("<th>", '<th scope="col">').replace("<table>", '<div class="defile"><table>')
    return Markup(html.replace("</table>", "</table></div>")), tuple(headings)


def _inline(token: Token, link: Callable[[str], str]) -> None:
    for child in token.children or []:
        if child.type == "text":
            child.content = typo(child.content)
        if child.type == "link_open":
            href = str(child.attrGet("href") or "")
            if href.startswith("/"):
                child.attrSet("href", link(href))


def _unique(name: str, taken: set[str]) -> str:
    candidate, n = name, 2
    while candidate in taken:
        candidate, n = f"{name}-{n}", n + 1
    return candidate


def _split(path: Path) -> tuple[dict[str, Any], str]:
    text = path.read_text(encoding="utf-8")
    parts = text.split("---\n", 2)
    if len(parts) < 3 or parts[0].strip():
        raise ConfigurationError(
            "Une page de texte n'a pas d'en-tête.",
            where=path.name,
            todo="commencer le fichier par « --- », « titre: … », « resume: … », « --- ».",
        )
    try:
        header = yamls.load(parts[1]) or {}
    except yaml.YAMLError as error:
        raise ConfigurationError("L'en-tête d'une page de texte n'est pas du YAML.", where=path.name) from error
    if set(header) - _KEYS or not {"titre", "resume"} <= set(header):
        raise ConfigurationError(
            "L'en-tête d'une page de texte a une clé inconnue, ou il en manque une.",
            where=f"{path.name} : {sorted(header)}",
            todo="écrire titre et resume ; ordre est facultatif.",
        )
    return header, parts[2]
