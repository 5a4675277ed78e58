"""Templates to files: one Jinja2 environment, relative addresses, interface words, deterministic writing.

Not here: what a page says (`views_*`) and which pages exist (`site`). Addresses are written from the root in views
and templates (`/indicateurs/taux-pauvrete/`); `Writer.link` turns them into links relative to the page being written,
ending in `index.html`, so that the site reads the same over HTTP, under a sub-path, and from a folder.
"""

from __future__ import annotations

import functools
import hashlib
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from flows.core import yamls
from flows.core.errors import ConfigurationError, ReleaseError
from flows.publishing import numbers
from flows.publishing.grammar import typographic
from flows.publishing.markup import typo

_ADDRESS = re.compile(r"^/([A-Za-z0-9._~-]+/)*([A-Za-z0-9._~-]+)?$")


@functools.lru_cache(maxsize=4096)
def _relative(address: str, folder: str) -> str:
    return posixpath.relpath(address, folder)


def slug(identifier: str) -> str:
    """An id as an address writes it: `_` becomes `-`."""
    return identifier.replace("_", "-")


def load_words(path: Path) -> dict[str, Any]:
    """The interface words, with French spaces; nested dicts of texts.

    Raises:
        ConfigurationError: the file is missing or is not YAML.
    """
    try:
        words = yamls.load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError("Les mots de l'interface ne se lisent pas.", where=path.name) from error
    return _spaced(words)


def _spaced(value: Any) -> Any:
    if isinstance(value, dict):
        return {("oui" if k is True else "non" if k is False else str(k)): _spaced(v) for k, v in value.items()}
    return typo(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Sheaf:
    """Pages of one writer: their addresses in order, sizes by file, and what they link to (address → first page)."""

    pages: list[str]
    written: dict[str, int]
    linked: dict[str, str]


class Writer:
    """Writes pages under `target`, and knows every address written and every address linked.

    Args:
        target: folder of the site, created when absent.
        templates: folder of the templates.
        words: interface words of `load_words`.
        base_url: public address, for the few files that need absolute ones (sitemap, feed, robots, 404).
        common: values every page receives.
    """

    def __init__(
        self, target: Path, templates: Path, words: Mapping[str, Any], base_url: str, common: Mapping[str, Any]
    ) -> None:
        self.target, self.base_url = target, base_url.rstrip("/") + "/"
        self.written: dict[str, int] = {}
        self.linked: dict[str, str] = {}  # address → first page that links to it
        self.pages: list[str] = []
        self._folder, self._page, self._absolute = "/", "/", False
        self._env = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._common = set(common) | {"mots", "lien", "slug", "adresse"}
        self._env.globals.update(common, mots=words, lien=self.link, slug=slug)
        self._env.filters.update(filters())

    def link(self, address: str) -> str:
        """A link from the page being written to `address` (from the root, `#anchor` allowed).

        Raises:
            ReleaseError: the address is not one a site can have.
        """
        path, _, fragment = address.partition("#")
        if not _ADDRESS.match(path):
            raise ReleaseError("Une page renvoie à une adresse mal formée.", where=f"{self._page} vers {address!r}")
        full = path + "index.html" if path.endswith("/") else path
        self.linked.setdefault(full, self._page)
        if self._absolute:
            # Only 404.html: the server shows it at any depth, where a relative link would lead nowhere.
            href = re.sub(r"^[a-z]+://[^/]*", "", self.base_url) + full.lstrip("/")
        else:
            href = _relative(full, self._folder)
        return f"{href}#{fragment}" if fragment else href

    def at(self, address: str) -> None:
        """Say which page is being prepared, so that links made before it is rendered start from it."""
        full = address + "index.html" if address.endswith("/") else address
        self._page, self._folder, self._absolute = address, posixpath.dirname(full), address == "/404.html"

    def page(self, address: str, template: str, **values: Any) -> None:
        """Render one page: `/x/` is written to `x/index.html`.

        Raises:
            ReleaseError: the template failed (a missing word or value); page and template are named.
        """
        full = address + "index.html" if address.endswith("/") else address
        self.at(address)
        clash = sorted(set(values) & self._common)
        if clash:
            raise ReleaseError("Une page cache une valeur commune à toutes.", where=f"{address} : {', '.join(clash)}")
        try:
            text = self._env.get_template(template).render(adresse=address, **values)
        except TemplateError as error:
            raise ReleaseError(
                "Une page n'a pas pu être écrite.",
                where=f"{address}, gabarit {template} : {error}",
                todo="corriger le gabarit, ou ajouter le mot manquant dans site/words.yml.",
            ) from error
        self.write(full, text.encode())
        if full.endswith(".html"):
            self.pages.append(address)

    def write(self, address: str, body: bytes) -> None:
        """Write one file at an address from the root."""
        path = self.target / address.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        self.written[address] = len(body)

    def register(self, paths: list[Path]) -> None:
        """Count files that another module wrote under the target (exports)."""
        for path in paths:
            self.written["/" + path.relative_to(self.target).as_posix()] = path.stat().st_size

    def sheaf(self) -> Sheaf:
        """What was written so far, for the writer of another process."""
        return Sheaf(self.pages, self.written, self.linked)

    def add(self, sheaf: Sheaf) -> None:
        """Count pages that another process wrote under the target."""
        self.pages += sheaf.pages
        self.written |= sheaf.written
        self.linked = sheaf.linked | self.linked

    def check_links(self) -> None:
        """Every internal link must lead to a file of this site.

        Raises:
            ReleaseError: the first five links that lead nowhere, with the page that holds them.
        """
        missing = sorted(address for address in self.linked if address not in self.written)
        if missing:
            shown = ", ".join(f"{address} (depuis {self.linked[address]})" for address in missing[:5])
            raise ReleaseError(
                f"{len(missing)} liens du site ne mènent à rien.",
                where=shown,
                todo="écrire ces pages ou retirer ces liens, puis refabriquer la version.",
            )


def filters() -> dict[str, Callable[..., Any]]:
    """Jinja filters: `nombre`, `periode`, `date`, `octets`, `cesures`, `gras`, `typo`, `finale` (see the
    functions of the same sense)."""
    return {
        "nombre": numbers.number,
        "periode": lambda value: numbers.period_in_french(value) if value else "",
        "date": numbers.date_in_french,
        "octets": octets,
        "cesures": cesures,
        "gras": bold,
        "typo": lambda text: typographic(typo(text)),
        "finale": lambda text: str(text).rstrip(" ."),  # a sentence set inside another loses its full stop
    }


def octets(size: int) -> str:
    """A size in octets, ko or Mo (thousands, as public services write them)."""
    if size < 1000:
        return f"{size}\u00a0octets" if size > 1 else f"{size}\u00a0octet"
    if size < 1_000_000:
        return f"{numbers.number(size / 1000, 0)}\u00a0ko"
    return f"{numbers.number(size / 1_000_000, 1)}\u00a0Mo"


def bold(text: str, part: str) -> Markup:
    """A sentence, escaped, with the first occurrence of one of its parts in bold."""
    before, found, after = text.partition(part) if part else (text, "", "")
    return Markup("{}<b>{}</b>{}").format(before, found, after) if found else Markup("{}").format(before)


def cesures(text: str) -> Markup:
    """A long code or address, escaped, that may break after `/`, `_`, `&`, `?` and every 16 hexadecimal digits."""
    broken = re.sub(r"([/_&?=])|([0-9a-f]{16})", lambda m: m[0] + "\u200b", text)
    return Markup("<wbr>").join(broken.split("\u200b"))


def fingerprint(body: bytes) -> str:
    """Eight digits that change with a file, so that a browser never mixes two versions of a style sheet."""
    return hashlib.sha256(body).hexdigest()[:8]
