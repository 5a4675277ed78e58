"""tabular-api.data.gouv.fr: rows of a CSV file of data.gouv.fr, filtered, a page at a time.

Any CSV of `FILES` is served. Shapes follow contract §2.3 (`data`, `links`, `meta`; `column__exact`, `column__in`,
`column__sort`, `columns`, `page`, `page_size` of at most 50). Reconstructed: the bodies of errors, and the types that
the real service guesses: here `True` and `False` become booleans, decimals numbers, the rest stays text.

Not here: the other filters and aggregations, and the profile of a file.
"""

from __future__ import annotations

import re
from typing import Any

from flows.portal.answers import Answer, Ask, json_answer
from flows.portal.datagouv_files import File
from flows.portal.payloads import Cell, Csv, Payload
from flows.portal.sets import collected

HOST = "tabular-api.data.gouv.fr"
_MAX_SIZE = 50
_FILTERS = ("exact", "in", "sort")
_RESERVED = ("page", "page_size", "columns")


def answer(ask: Ask) -> Answer:
    """Answer of the tabular API to one request."""
    match ask.parts():
        case ["api", "resources", ident, "data"] if ask.method in ("GET", "HEAD"):
            file = next((f for f in collected("FILES") if f.resource == ident), None)
            payload = _whole(ask, file) if file else None
            if file is None or not isinstance(payload, Csv):
                return _error(404, "Resource not found", f"Resource {ident} is not indexed.")
            return _rows(ask, file, payload)
    return _error(404, "Not found", ask.path)


def _whole(ask: Ask, file: File) -> Payload:
    """The whole file, made once while no fault alters its figures: it is asked for fifty rows at a time."""
    if ask.view.altered:
        return file.payload(ask.view)

    def make() -> tuple[Payload, bool]:
        return file.payload(ask.view), ask.view.simulated

    payload, simulated = ask.view.figures.kept(f"tabular {file.resource}", make)
    ask.view.simulated |= simulated
    return payload


def _error(status: int, title: str, detail: str) -> Answer:
    return json_answer({"errors": [{"code": None, "title": title, "detail": detail}]}, status=status)


def _rows(ask: Ask, file: File, payload: Csv) -> Answer:
    size, page = ask.get("page_size", "20"), ask.get("page", "1")
    if not size.isdigit() or not page.isdigit() or not 0 < int(size) <= _MAX_SIZE or int(page) < 1:
        return _error(400, "Invalid query string", "page_size must be between 1 and 50, page at least 1")
    header = list(payload.header)
    lines = [dict(zip(header, row, strict=True)) for row in payload.rows]
    names = ask.get("columns").split(",") if ask.get("columns") else header
    asked = [(key, value) for key, value in ask.params if key not in _RESERVED]
    known = [key.rpartition("__") for key, _ in asked]
    strange = [n for n in names if n not in header] + [k for k, _, f in known if k not in header or f not in _FILTERS]
    if strange:
        return _error(400, "Invalid query string", f"Malformed query or unknown column: {strange[0]}")
    for (key, _, kind), (_, value) in zip(known, asked, strict=True):
        if kind == "sort":
            lines.sort(key=lambda line, key=key: str(line[key]), reverse=value == "desc")  # type: ignore[misc]
        else:
            wanted = set(value.split(",")) if kind == "in" else {value}
            lines = [line for line in lines if str(line[key]) in wanted]
    start = (int(page) - 1) * int(size)
    data = [
        {"__id": start + i, **{name: _typed(line[name]) for name in names}}
        for i, line in enumerate(lines[start : start + int(size)], start=1)
    ]
    base = f"https://{HOST}/api/resources/{file.resource}"
    links = {
        "profile": f"{base}/profile/",
        "swagger": f"{base}/swagger/",
        "next": _page(ask, int(page) + 1) if start + int(size) < len(lines) else None,
        "prev": _page(ask, int(page) - 1) if int(page) > 1 else None,
    }
    meta = {"page": int(page), "page_size": int(size), "total": len(lines)}
    return json_answer({"data": data, "links": links, "meta": meta}, main=file.main)


def _page(ask: Ask, number: int) -> str:
    query = re.sub(r"(^|&)page=\d+", rf"\g<1>page={number}", ask.query)
    return f"https://{HOST}{ask.path}?{query if 'page=' in query else f'{query}&page={number}'}"


def _typed(cell: Cell) -> Any:
    if cell is None or cell == "":
        return None
    if cell in ("True", "False"):
        return cell == "True"
    if isinstance(cell, str) and re.fullmatch(r"-?\d+\.\d+", cell):
        return float(cell)
    return cell
