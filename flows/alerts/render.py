"""E-mail bodies from templates: a text part and an HTML part with its styles inlined.

Not here: what is said (flows.alerts.compose) and MIME (flows.alerts.mime). Nothing remote is ever referenced: no
image address, no style sheet, no counter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import css_inline
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape

from flows.core.errors import ConfigurationError
from flows.core.periods import in_french

_BLANK_LINES = re.compile(r"\n{3,}")
_LOADING = frozenset(["src", "srcset", "background", "poster", "data"])
_LOADING_TAGS = frozenset(["script", "link", "iframe", "object", "embed", "form", "base"])


def number(value: float | None, decimals: int = 0) -> str:
    """« 18 550 », « −3,2 », « non connu » for None: narrow spaces and a true minus, as on the site."""
    if value is None:
        return "non connu"
    shape = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = format_decimal(round(value, decimals) + 0.0, format=shape, locale="fr")
    return text.replace("\u00a0", "\u202f").replace("-", "\u2212")


def quantity(value: float | None, decimals: int, unit: str) -> str:
    """A number and its short unit, held together by a no-break space."""
    return f"{number(value, decimals)}\u00a0{unit}" if unit and value is not None else number(value, decimals)


def upper_first(text: str) -> str:
    """« à surveiller » → « À surveiller »; the rest of the text keeps its capitals."""
    return text[:1].upper() + text[1:]


class _Loads(HTMLParser):
    """Collects what the tags of a page would fetch; text, even text that looks like a tag, is only text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LOADING_TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            told = (value or "").strip().lower()
            if (name in _LOADING and not told.startswith("cid:")) or (name == "style" and "url(" in told):
                self.found.append(f"{name}={told}")


def remote(html: str) -> str:
    """The first thing that reading this page would fetch, "" when nothing is."""
    parser = _Loads()
    parser.feed(html)
    parser.close()
    return parser.found[0] if parser.found else ""


@lru_cache(maxsize=4)
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2", "html"), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["periode"] = in_french
    environment.filters["nombre"] = number
    environment.filters["premiere"] = upper_first
    return environment


def render(kind: str, context: Mapping[str, Any], templates: Path) -> tuple[str, str]:
    """Text and HTML of one message.

    Args:
        kind: `changement` or `ouverture`; templates: folder of `<kind>.txt.j2` and `<kind>.html.j2`.

    Raises:
        ConfigurationError: a template is missing, wrong, or refers to something remote.
    """
    environment = _environment(templates)
    try:
        text = environment.get_template(f"{kind}.txt.j2").render(**context)
        html = environment.get_template(f"{kind}.html.j2").render(**context)
    except TemplateError as error:
        raise ConfigurationError(
            f"Le modèle de courriel « {kind} » ne peut pas être rempli : {error}.",
            where=f"site/templates/courriel/{kind}.*.j2",
            todo="corriger le modèle ; les messages partiront au passage suivant.",
        ) from error
    html = css_inline.CSSInliner(load_remote_stylesheets=False).inline(html)
    if found := remote(html):
        raise ConfigurationError(
            "Un modèle de courriel fait appel à une ressource distante.",
            where=f"site/templates/courriel/{kind}.html.j2, « {found[:40]} »",
            todo="retirer cet appel : les messages se lisent sans image et sans suivi.",
        )
    return _BLANK_LINES.sub("\n\n", text).strip() + "\n", html
