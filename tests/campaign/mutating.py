"""Mutations of a publisher's answer whose outcome is known, whatever the format: CSV, JSON, workbook, XML, zip, gzip.

A mutation acts on the structure that the portal keeps of an answer (flows.portal.payloads), so that one rule holds
for every format, and says what a decoder may make of it (`Known`). Not here: mutations of one value
(tests.campaign.mutating_values), decoding and judging (tests.campaign.parsers).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Any

from flows.portal.payloads import Archive, Book, Csv, Gzip, Json, Payload, Text, encode

Path = tuple[Any, ...]
HTML = b"<!DOCTYPE html>\n<html lang='fr'><body><h1>Maintenance</h1><p>Revenez plus tard, 59.</p></body></html>"
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_DECIMAL = re.compile(r"-?\d+[.,]\d+")
_ATTRIBUTE = re.compile(r' ([\w:]+)="([^"]*)"')


class Known(StrEnum):
    """What is known of the outcome, a typed error being always allowed."""

    SAME = "the same table"
    VALUE = "the figure arrives as mutated, and only what its record says moves"
    TWICE = "the same table, or a repeated key that the suite refuses"
    ANY = "any table"


@dataclass(frozen=True)
class Mutation:
    """A changed answer: its bytes, what is known, and the value changed (old, new) when one was."""

    name: str
    body: bytes
    known: Known
    old: Any = None
    new: Any = None
    without: bytes = b""  # the answer without the record of the value that changed


Mutate = Callable[[Random, Payload], Mutation | None]


def _member(rng: Random, payload: Payload) -> tuple[Payload, Callable[[Payload], Payload]]:
    """A payload that holds cells (an archive's member, gzip's) and how to put a changed one back."""
    if isinstance(payload, Archive) and payload.members:
        place = rng.randrange(len(payload.members))
        inner, back = _member(rng, payload.members[place][1])
        name = payload.members[place][0]

        def put(changed: Payload) -> Payload:
            members = list(payload.members)
            members[place] = (name, back(changed))
            return Archive(members)

        return inner, put
    if isinstance(payload, Gzip):
        inner, back = _member(rng, payload.member)
        return inner, lambda changed: Gzip(back(changed))
    return payload, lambda changed: changed


# Tags that contributors write, or not: their absence is an answer.
FREE_TAGS = frozenset({"access"})


def _columns(payload: Payload) -> list[str]:
    if isinstance(payload, Csv):
        return list(dict.fromkeys(payload.header))
    if isinstance(payload, Json):
        return [name for name in dict.fromkeys(_keys(payload.value)) if name not in FREE_TAGS]
    if isinstance(payload, Book):
        return list(dict.fromkeys(c for s in payload.sheets if s.rows for c in s.rows[s.codes] if isinstance(c, str)))
    if isinstance(payload, Text):
        return list(dict.fromkeys(m[1] for m in _ATTRIBUTE.finditer(payload.text)))
    return []


def _keys(value: Any) -> Iterator[str]:
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(item)
    if isinstance(value, dict):
        yield from value


def _without(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _without(item, name) for key, item in value.items() if key != name}
    return [_without(item, name) for item in value] if isinstance(value, list) else value


def dropped(rng: Random, payload: Payload) -> Mutation | None:
    """A column, a key or an attribute that is no longer there."""
    inner, back = _member(rng, payload)
    if not (columns := _columns(inner)):
        return None
    name = rng.choice(columns)
    if isinstance(inner, Csv):
        keep = [i for i, column in enumerate(inner.header) if column != name]
        inner = replace(inner, header=_pick(inner.header, keep), rows=[_pick(row, keep) for row in inner.rows])
    elif isinstance(inner, Json):
        inner = Json(_without(inner.value, name), inner.pretty)
    elif isinstance(inner, Book):
        inner = replace(inner, sheets=[_sheet_without(sheet, name) for sheet in inner.sheets])
    elif isinstance(inner, Text):
        inner = Text(re.sub(rf' {re.escape(name)}="[^"]*"', "", inner.text))
    return Mutation(f"column {name} dropped", encode(back(inner)), Known.SAME)


def _pick(cells: Any, keep: list[int]) -> list[Any]:
    return [cells[i] for i in keep if i < len(cells)]


def _sheet_without(sheet: Any, name: str) -> Any:
    if not sheet.rows or name not in sheet.rows[sheet.codes]:
        return sheet
    place = list(sheet.rows[sheet.codes]).index(name)
    return replace(sheet, rows=[[c for i, c in enumerate(row) if i != place] for row in sheet.rows])


def renamed(rng: Random, payload: Payload) -> Mutation | None:
    """A column under another name: another word, or the same with a unit written beside."""
    from flows.portal.mutations import renamed as rename

    inner, back = _member(rng, payload)
    if not (columns := _columns(inner)):
        return None
    name = rng.choice(columns)
    to = rng.choice([f"{name}_bis", f"{name} (en milliers)", f"libelle_{name}", name[::-1] + "_"])
    if isinstance(inner, Text):
        to = re.sub(r"\W", "_", to)
        return Mutation(
            f"attribute {name} renamed {to}",
            encode(back(Text(inner.text.replace(f' {name}="', f' {to}="')))),
            Known.SAME,
        )
    return Mutation(f"column {name} renamed {to}", encode(back(rename(inner, name, to))), Known.SAME)


def swapped(rng: Random, payload: Payload) -> Mutation | None:
    """Two columns that change places, with their names: nothing else than an order."""
    inner, back = _member(rng, payload)
    if isinstance(inner, Csv) and len(inner.header) > 1:
        order = list(range(len(inner.header)))
        i, j = rng.sample(order, 2)
        order[i], order[j] = j, i
        inner = replace(inner, header=_pick(inner.header, order), rows=[_pick(row, order) for row in inner.rows])
    elif isinstance(inner, Json):
        inner = Json(_reversed(inner.value), inner.pretty)
    else:
        return None
    return Mutation("columns swapped", encode(back(inner)), Known.SAME)


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def separated(rng: Random, payload: Payload) -> Mutation | None:
    """Another separator from the first line to the last."""
    inner, back = _member(rng, payload)
    if not isinstance(inner, Csv):
        return None
    sign = rng.choice([s for s in ",;\t|" if s != inner.delimiter])
    return Mutation(f"separator {sign!r}", encode(back(replace(inner, delimiter=sign))), Known.SAME)


def _other_sign(cell: Any) -> Any:
    if isinstance(cell, float) and not cell.is_integer():
        return str(cell).replace(".", ",")
    if isinstance(cell, str) and _DECIMAL.fullmatch(cell):
        return cell.replace(".", ",") if "." in cell else cell.replace(",", ".")
    return cell


def decimals(rng: Random, payload: Payload) -> Mutation | None:
    """The decimal sign changed everywhere (a number of JSON or of a workbook becomes a text)."""
    inner, back = _member(rng, payload)
    changed = _each(inner, _other_sign)
    return (
        None if changed is None or changed == inner else Mutation("decimal sign", encode(back(changed)), Known.SAME)
    )


def _each(payload: Payload, change: Callable[[Any], Any]) -> Payload | None:
    """The payload with each cell changed; None when it has no cells."""
    if isinstance(payload, Csv):
        return replace(payload, rows=[[change(c) for c in row] for row in payload.rows])
    if isinstance(payload, Book):
        return replace(
            payload, sheets=[replace(s, rows=[[change(c) for c in row] for row in s.rows]) for s in payload.sheets]
        )
    if isinstance(payload, Json):
        return Json(_each_leaf(payload.value, change), payload.pretty)
    if isinstance(payload, Text):
        return Text(_ATTRIBUTE.sub(lambda m: f' {m[1]}="{change(m[2])}"', payload.text))
    return None


def _each_leaf(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _each_leaf(item, change) for key, item in value.items()}
    return [_each_leaf(item, change) for item in value] if isinstance(value, list) else change(value)


def _records(value: Any, path: Path = ()) -> Iterator[Path]:
    """The outermost lists of objects: what stands inside a record is not a record."""
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        yield path
    else:
        for key, item in _items(value):
            yield from _records(item, (*path, key))


def _items(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _with(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    head, rest = path[0], path[1:]
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[head] = _with(value[head], rest, new)
    return copy
