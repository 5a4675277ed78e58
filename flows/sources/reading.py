"""What the API decoders share beside decoding.py: pages by their role, typed cells with the address they came from.

Not here: any knowledge of a publisher. What cannot be read raises DecodeError with the address of the page; nothing
is replaced by zero, and an empty cell is null.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from flows.core.datasets import Page
from flows.core.errors import DecodeError
from flows.sources.decoding import json_of

_CONTRACT = "comparer la réponse au contrat de docs/sources.md, puis corriger le décodeur si l'éditeur a changé."


def wrong(what: str, page: Page, detail: str = "") -> DecodeError:
    """A DecodeError about one page: French sentence, address, what to do."""
    return DecodeError(what, where=page.address + (f", {detail}" if detail else ""), todo=_CONTRACT)


def named(pages: Sequence[Page], prefix: str) -> list[Page]:
    """The pages whose role is `prefix` or begins with `prefix-`, in the order of the edition."""
    return [page for page in pages if page.name == prefix or page.name.startswith(f"{prefix}-")]


def one(pages: Sequence[Page], name: str) -> Page:
    """The only page of that role.

    Raises:
        DecodeError: none, or several.
    """
    found = named(pages, name)
    if len(found) != 1:
        where = pages[0].address if pages else ""
        raise DecodeError(
            f"L'édition compte {len(found)} page « {name} » au lieu d'une.", where=where, todo=_CONTRACT
        )
    return found[0]


def object_of(page: Page) -> dict[str, Any]:
    """The JSON object of a page.

    Raises:
        DecodeError: the page is JSON, but not an object.
    """
    value = json_of(page)
    if not isinstance(value, dict):
        raise wrong("La page n'est pas un objet JSON.", page)
    return value


def carried(records: Sequence[dict[str, Any]], names: Sequence[str], page: Page) -> None:
    """Every key that is read must be in some record: a key renamed by the publisher would else be read as absences.

    Not in each record, because several services leave out what is null.

    Raises:
        DecodeError: there are records, and none has one of the keys (named).
    """
    missing = [name for name in names if not any(name in record for record in records)]
    if records and missing:
        raise wrong(f"Aucun enregistrement ne porte {', '.join(missing)}.", page)


def records_of(value: Any, names: Sequence[str], page: Page) -> list[dict[str, Any]]:
    """A list of objects that carry `names` (see `carried`).

    Raises:
        DecodeError: not a list of objects, or one of the names is nowhere.
    """
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise wrong("La page ne porte pas une liste d'objets.", page)
    carried(value, names, page)
    return value


def text_of(value: Any) -> str | None:
    """Text without blanks around it, null when absent or empty; numbers are written short (59526, not 59526.0)."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def commune_of(value: Any) -> str | None:
    """A commune code as five characters; a spreadsheet that lost the leading zero or added `.0` is mended.

    Anything else is kept as written, for the gate to judge.
    """
    text = text_of(value)
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{4,5}(\.0)?", text):
        return text.removesuffix(".0").zfill(5)
    return text.upper()


def number_of(value: Any, page: Page, field: str) -> float | None:
    """A finite number, null when absent or empty; text may carry a decimal comma or blanks between thousands.

    Raises:
        DecodeError: anything else: a marker nobody announced must be read by a person, not turned into null.
    """
    if value is None or isinstance(value, bool):
        if value is None:
            return None
        raise wrong(f"« {value} » n'est pas un nombre.", page, field)
    if isinstance(value, str):
        text = re.sub(r"[\s\u00a0\u202f]", "", value).replace(",", ".")
        if not text:
            return None
        if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?", text):
            raise wrong(f"« {value} » n'est pas un nombre.", page, field)
        value = float(text)
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise wrong(f"« {value} » n'est pas un nombre.", page, field) from error
    if not math.isfinite(number):
        raise wrong(f"« {value} » n'est pas un nombre fini.", page, field)
    return number


def whole_of(value: Any, page: Page, field: str) -> int | None:
    """A whole number, null when absent.

    Raises:
        DecodeError: not a number, or with decimals.
    """
    number = number_of(value, page, field)
    if number is None:
        return None
    if not number.is_integer():
        raise wrong(f"« {value} » n'est pas un nombre entier.", page, field)
    return int(number)


def day_of(value: Any, page: Page, field: str) -> dt.date:
    """The day of an ISO instant or date, as the publisher writes it.

    Raises:
        DecodeError: absent or not a date.
    """
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise wrong(f"« {value} » n'est pas une date.", page, field) from error


def plain(text: str) -> str:
    """Lower case, without accents, single blanks: for comparing titles that people type."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
