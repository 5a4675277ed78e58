"""Mutations of one value, and of bytes without regard to what they say. The rest is in tests.campaign.mutating."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from flows.portal.payloads import Book, Csv, Json, Payload, Text, encode
from tests.campaign import mutating, mutating_lines
from tests.campaign.mutating import HTML, Known, Mutate, Mutation

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_FIGURE = re.compile(r'(OBS_VALUE="|value="|<ns:ObsValue value=")([^"]*\d[^"]*)"')


def _leaves(value: Any, path: mutating.Path = ()) -> Iterator[tuple[mutating.Path, Any]]:
    if isinstance(value, dict | list):
        for key, item in mutating._items(value):
            yield from _leaves(item, (*path, key))
    else:
        yield path, value


def _numeric(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    return isinstance(value, int | float) or bool(_NUMBER.fullmatch(str(value)))


def _changed(rng: Random, payload: Payload, change: Any) -> tuple[Payload, Payload, Any] | None:
    """One number changed: the payload with it, the payload without its record, and the number before."""
    if isinstance(payload, Csv):
        return _in_rows(rng, payload.rows, 0, change, lambda rows: replace(payload, rows=rows))
    if isinstance(payload, Book) and payload.sheets:
        place = rng.randrange(len(payload.sheets))
        sheet = payload.sheets[place]

        def put(rows: list[Any]) -> Payload:
            sheets = list(payload.sheets)
            sheets[place] = replace(sheet, rows=rows)
            return replace(payload, sheets=sheets)

        return _in_rows(rng, sheet.rows, sheet.codes + 1, change, put)
    if isinstance(payload, Json):
        leaves = [(path, leaf) for path, leaf in _leaves(payload.value) if _numeric(leaf)]
        if not leaves:
            return None
        path, old = rng.choice(leaves)
        changed = Json(mutating._with(payload.value, path, change(old)), payload.pretty)
        return changed, Json(_without(payload.value, path), payload.pretty), old
    if isinstance(payload, Text) and (found := list(_FIGURE.finditer(payload.text))):
        hit, text = rng.choice(found), payload.text
        return Text(text[: hit.start(2)] + str(change(hit[2])) + text[hit.end(2) :]), payload, hit[2]
    return None


def _in_rows(rng: Random, rows: Any, first: int, change: Any, put: Any) -> tuple[Payload, Payload, Any] | None:
    places = [(i, j) for i, row in enumerate(rows) if i >= first for j, c in enumerate(row) if _numeric(c)]
    if not places:
        return None
    i, j = rng.choice(places)
    row = list(rows[i])
    old, row[j] = row[j], change(row[j])
    before, after = list(rows[:i]), list(rows[i + 1 :])
    return put([*before, row, *after]), put([*before, *after]), old


def _without(value: Any, path: mutating.Path) -> Any:
    """The value without the outermost record (an object of a list) that holds `path`; as it is when there is none."""
    for depth in range(len(path)):
        holder = mutating._at(value, path[:depth])
        if isinstance(holder, list) and isinstance(holder[path[depth]], dict):
            kept = [item for i, item in enumerate(holder) if i != path[depth]]
            return mutating._with(value, path[:depth], kept)
    return value


def digit(rng: Random, payload: Payload) -> Mutation | None:
    """One digit of one number replaced by another."""
    chance, other = rng.random(), rng.randrange(1, 10)

    def change(old: Any) -> Any:
        text = repr(old) if isinstance(old, float) else str(old)
        places = [i for i, c in enumerate(text) if c.isdigit()]
        place = places[int(chance * len(places))]
        text = text[:place] + str((int(text[place]) + other) % 10) + text[place + 1 :]
        return text if isinstance(old, str) else type(old)(text)

    return _value("digit", rng, payload, change)


def unit(rng: Random, payload: Payload) -> Mutation | None:
    """A unit or a note written in the cell, after the number."""
    note = rng.choice([" MWh", " %", " (p)", "*", " k€"])
    return _value("unit", rng, payload, lambda old: f"{old}{note}")


def _value(name: str, rng: Random, payload: Payload, change: Any) -> Mutation | None:
    inner, back = mutating._member(rng, payload)
    if (done := _changed(rng, inner, change)) is None:
        return None
    changed, without, old = done
    new = change(old)
    return Mutation(f"{name}: {old!r} → {new!r}", encode(back(changed)), Known.VALUE, old, new, encode(back(without)))


def page_of_words(rng: Random, payload: Payload) -> Mutation | None:
    """An HTML page in the place of the answer."""
    return Mutation("HTML page", HTML, Known.SAME)


def flipped(rng: Random, payload: Payload) -> Mutation | None:
    """One to eight bytes changed at random."""
    body = bytearray(encode(payload))
    if not body:
        return None
    for _ in range(rng.randrange(1, 9)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return Mutation("bytes flipped", bytes(body), Known.ANY)


# Each with how often it is drawn: one HTML page is like another, digits are not.
MUTATIONS: tuple[tuple[Mutate, int], ...] = (
    (digit, 6),
    (mutating.dropped, 3),
    (mutating.renamed, 3),
    (flipped, 3),
    (unit, 2),
    (mutating_lines.cut, 2),
    (mutating_lines.repeated, 2),
    (mutating_lines.shifted, 2),
    (mutating_lines.recoded, 2),
    (mutating.separated, 1),
    (mutating.decimals, 1),
    (mutating.swapped, 1),
    (page_of_words, 1),
)


def draw(rng: Random, payload: Payload) -> Mutation | None:
    """A mutation drawn by its weight; None when it means nothing for this format."""
    mutate = rng.choices([m for m, _ in MUTATIONS], [w for _, w in MUTATIONS])[0]
    return mutate(rng, payload)
