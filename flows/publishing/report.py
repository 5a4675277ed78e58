"""The stewards' run report as one self-contained HTML page.

Not here: its data (flows.quality.report) and the public quality page (flows.publishing.pages). The page is private,
lives in the run folder, and must open from a file: styles are inside, downloads are data addresses, nothing is
fetched.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, select_autoescape

from flows.core.errors import ConfigurationError


def render_report(data: Mapping[str, Any], templates: Path) -> str:
    """The report's HTML.

    Args:
        data: what `flows.quality.report.run_report_data` returns. templates: folder holding `rapport/`.

    Raises:
        ConfigurationError: the template is missing or asks for something that the data do not hold.
    """
    try:
        return _environment(templates).get_template("rapport/rapport.html.j2").render(r=data)
    except TemplateError as error:
        raise ConfigurationError(
            f"Le modèle du rapport d’exécution ne peut pas être rempli : {error}.",
            where="site/templates/rapport/rapport.html.j2",
            todo="corriger le modèle ; le compte rendu de l’exécution (run.json) reste complet.",
        ) from error


@lru_cache(maxsize=4)
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["telechargement"] = download_address
    environment.filters["entier"] = whole
    environment.filters["decimal"] = decimal
    environment.filters["compte"] = count
    return environment


def download_address(text: str) -> str:
    """CSV text as a data address: UTF-8 with a byte-order mark, which spreadsheets need to read accents."""
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(b"\xef\xbb\xbf" + text.encode()).decode("ascii")


def whole(value: int | None) -> str:
    """« 3 425 » with narrow spaces, « – » for None."""
    return "–" if value is None else f"{value:,}".replace(",", "\u202f")


def decimal(value: float | None) -> str:
    """One decimal and a comma, « – » for None."""
    return "–" if value is None else f"{value:.1f}".replace(".", ",")


def count(number: int, one: str, many: str) -> str:
    """« 15 messages composés », « 1 message composé », « 0 message composé »: French agrees from two on."""
    return f"{whole(number)} {many if number >= 2 else one}"
