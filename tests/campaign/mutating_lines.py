"""Mutations of lines and of the text: encoding, cut, shifted, repeated. The rest is in tests.campaign.mutating."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from flows.portal.payloads import Csv, Json, Payload, Raw, encode, text_of
from tests.campaign import mutating
from tests.campaign.mutating import Known, Mutation


def recoded(rng: Random, payload: Payload) -> Mutation | None:
    """The same text in another encoding, unannounced."""
    inner, back = mutating._member(rng, payload)
    text = text_of(inner)
    if text is None:
        return None
    mine = inner.encoding if isinstance(inner, Csv) else "utf-8"
    to = rng.choice([e for e in ("utf-16", "utf-16-le", "cp1252", "utf-8") if e != mine])
    return Mutation(f"encoding {to}", encode(back(Raw(text.encode(to, errors="replace")))), Known.SAME)


def cut(rng: Random, payload: Payload) -> Mutation | None:
    """The end is missing. In a CSV the cut falls inside a line, before its last cell.

    A cut elsewhere leaves a shorter file that only its length tells from a whole one: the transport holds that (tests
    of flows.sources.http).
    """
    inner, back = mutating._member(rng, payload)
    if isinstance(inner, Csv) and rng.random() < 0.8:
        text = (text_of(inner) or "").encode(inner.encoding)
        lines = text.split(inner.newline.encode())
        place = rng.randrange(1, max(2, len(lines) - 1))
        cells = lines[place].split(inner.delimiter.encode()) if place < len(lines) else []
        if len(cells) < 3 or b'"' in lines[place]:
            return None
        line = inner.delimiter.encode().join(cells[: rng.randrange(1, len(cells) - 1)])
        if not line.strip():  # nothing of the line is left: a cut between two lines
            return None
        return Mutation(
            "cut inside a line", encode(back(Raw(inner.newline.encode().join([*lines[:place], line])))), Known.SAME
        )
    body = encode(payload)
    if len(body) < 4 or isinstance(payload, Csv | Raw):
        return None
    return Mutation("cut", body[: rng.randrange(1, len(body) - 2)], Known.SAME)


def shifted(rng: Random, payload: Payload) -> Mutation | None:
    """A line that lost a cell, or has one too many: what follows is in the wrong column."""
    inner, back = mutating._member(rng, payload)
    if not isinstance(inner, Csv) or not inner.rows or len(inner.header) < 3:
        return None
    rows = [list(row) for row in inner.rows]
    row = rows[rng.randrange(len(rows))]
    place = rng.randrange(len(row))
    if rng.random() < 0.5:
        del row[place]
    else:
        row.insert(place, "1")
    return Mutation("line shifted", encode(back(replace(inner, rows=rows))), Known.SAME)


def repeated(rng: Random, payload: Payload) -> Mutation | None:
    """A record that comes twice."""
    inner, back = mutating._member(rng, payload)
    if isinstance(inner, Csv) and inner.rows:
        place = rng.randrange(len(inner.rows))
        inner = replace(inner, rows=[*inner.rows[: place + 1], *inner.rows[place:]])
    elif isinstance(inner, Json) and (lists := list(mutating._records(inner.value))):
        path = rng.choice(lists)
        items = mutating._at(inner.value, path)
        place = rng.randrange(len(items))
        inner = Json(mutating._with(inner.value, path, [*items[: place + 1], *items[place:]]), inner.pretty)
    else:
        return None
    return Mutation("record twice", encode(back(inner)), Known.TWICE)
