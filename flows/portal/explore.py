"""Opendatasoft Explore v2.1 portals: odre.opendatasoft.com (production registry) and the DREES portal (APL workbook).

Shapes follow the specification and the recorded payloads (contract §2.1, §3.3, §4.1). Reconstructed: the code of the
404, the attachment list's titles beyond the one quoted, the registry's rows (`flows.portal.explore_sets`).
A grouped answer has no `total_count`, as in the specification's example.

Not here: ODSQL itself (`flows.portal.odsql`).
"""

from __future__ import annotations

import datetime as dt
from functools import cache, partial
from typing import Any

from flows.portal import odsql
from flows.portal.answers import Answer, Ask, json_answer
from flows.portal.explore_sets import Explored
from flows.portal.payloads import Csv
from flows.portal.sets import collected

_MOST, _WINDOW, _GROUPED = 100, 10_000, 20_000


@cache
def hosts() -> frozenset[str]:
    """Official hosts that speak this protocol here."""
    return frozenset(found.host for found in collected("EXPLORED"))


def answer(ask: Ask) -> Answer:
    """Answer of an Explore portal to one request."""
    prefix = "/api/explore/v2.1/catalog/datasets/"
    parts = ask.parts(prefix) if ask.path.startswith(prefix) else []
    asked = parts[0] if parts else ""
    dataset = next((d for d in collected("EXPLORED") if (d.host, d.ident) == (ask.host, asked)), None)
    if dataset is None:
        return _error(404, "DatasetNotFoundError", f"Dataset {asked} not found.")
    if ask.method not in ("GET", "HEAD"):
        return _error(405, "MethodNotAllowed", "Method not allowed.")
    try:
        reply = _route(ask, dataset, parts[1:])
    except odsql.OdsqlError as error:
        return _error(400, "ODSQLError", str(error))
    if reply.status != 200:
        return reply
    limits = {"X-RateLimit-Limit": "10000", "X-RateLimit-Remaining": "9999"}
    limits["X-RateLimit-Reset"] = f"{ask.today + dt.timedelta(days=1)} 00:00:00+00:00"
    return Answer(200, reply.payload, reply.content_type, {**limits, **reply.headers}, "", reply.main, reply.stream)


def _error(status: int, code: str, message: str) -> Answer:
    return json_answer({"error_code": code, "message": message}, status=status)


def _route(ask: Ask, dataset: Explored, rest: list[str]) -> Answer:
    match rest:
        case []:
            return json_answer(_metadata(ask, dataset), main="title")
        case ["records"] if dataset.fields:
            return _records(ask, dataset)
        case ["exports", kind] if dataset.fields and kind in ("json", "csv"):
            return _export(ask, dataset, kind)
        case ["attachments"]:
            return json_answer(_attachments(dataset), main="attachments")
        case ["attachments", ident] if ident in dataset.attachments:
            return dataset.attachments[ident].file(ask)
    return _error(404, "NotFoundError", "The requested URL was not found on the server.")


def _metadata(ask: Ask, dataset: Explored) -> dict[str, Any]:
    moment = dataset.modified(ask)
    return {
        "dataset_id": dataset.ident,
        "dataset_uid": "da_demons",
        "attachments": [_entry(dataset, ident) for ident in dataset.attachments],
        "has_records": bool(dataset.fields),
        "data_visible": True,
        "features": ["analyze"],
        "metas": {
            "default": {
                "title": dataset.title(ask),
                "description": "<p>Figures de démonstration.</p>",
                "modified": moment,
                "data_processed": moment,
                "metadata_processed": moment,
                "records_count": len(dataset.records(ask.view)) if dataset.fields else 0,
                "license": "Licence Ouverte v2.0 (Etalab)",
                "license_url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
                "language": "fr",
                "timezone": "Europe/Paris",
                "publisher": dataset.publisher,
                "keyword": [],
                "theme": [],
                "references": None,
            }
        },
        "fields": [
            {"name": name, "label": name, "type": kind, "annotations": {}, "description": None}
            for name, kind in dataset.fields.items()
        ],
    }


def _entry(dataset: Explored, ident: str) -> dict[str, str]:
    attached = dataset.attachments[ident]
    return {
        "mimetype": attached.mime,
        "url": f"https://{dataset.host}/api/explore/v2.1/catalog/datasets/{dataset.ident}/attachments/{ident}",
        "id": ident,
        "title": attached.title,
    }


def _attachments(dataset: Explored) -> dict[str, Any]:
    listed = []
    for ident in dataset.attachments:
        entry = _entry(dataset, ident)
        metas = {"mime-type": entry["mimetype"], "title": entry["title"], "url": entry["url"], "id": ident}
        listed.append({"href": entry["url"], "metas": metas})
    return {"links": [], "attachments": listed}


def _selected(ask: Ask, dataset: Explored) -> tuple[list[dict[str, Any]], bool]:
    """Rows of a query, and whether they are groups."""
    fields = list(dataset.fields)
    test = odsql.where(" and ".join(f"({text})" for text in ask.all("where") if text.strip()), fields)
    group = [name for name, _ in odsql.names("group_by", ",".join(ask.all("group_by")), fields)]
    columns = odsql.select(",".join(ask.all("select")), fields)
    grouped = bool(group) or any(column.aggregate for column in columns)
    rows = [row for row in dataset.records(ask.view, repeat=not grouped) if test(row)]
    if grouped:
        asked = columns if ask.get("select") else []
        shown = ask.view.doubled(odsql.aggregate(asked, group, rows))
    else:
        shown = [{column.name: row.get(column.field) for column in columns} for row in rows]
    known = list(shown[0]) if shown else fields
    for name, descending in reversed(odsql.names("order_by", ask.get("order_by"), known)):
        shown.sort(key=partial(_order, name), reverse=descending)
    return shown, grouped


def _order(name: str, row: dict[str, Any]) -> tuple[bool, Any]:
    """Nulls come last; the second term is never compared with them."""
    return row[name] is None, "" if row[name] is None else row[name]


def _bound(ask: Ask, name: str, default: int, least: int, most: int) -> int | str:
    """A bounded whole number, or the sentence of the 400."""
    text = ask.get(name, str(default))
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        return (
            f"Invalid value for {name} API parameter: {text} was found but {least} <= {name} <= {most} is expected."
        )
    return value


def _records(ask: Ask, dataset: Explored) -> Answer:
    rows, grouped = _selected(ask, dataset)
    most = _GROUPED if grouped else _MOST
    limit = _bound(ask, "limit", 10, -1, most)
    offset = _bound(ask, "offset", 0, 0, _WINDOW)
    for bound in (limit, offset):
        if isinstance(bound, str):
            return _error(400, "InvalidRESTParameterError", bound)
    size, start = int(limit), int(offset)
    if not grouped and max(size, 0) + start > _WINDOW:
        return _error(
            400,
            "InvalidRESTParameterError",
            f"Invalid value for sum of offset + limit API parameter: {size + start} was found but "
            f"<= {_WINDOW} is expected.",
        )
    shown = rows[start : start + (most if size < 0 else size)]
    value: dict[str, Any] = {"results": shown} if grouped else {"total_count": len(rows), "results": shown}
    return json_answer(value, main=dataset.main)


def _export(ask: Ask, dataset: Explored, kind: str) -> Answer:
    if ask.get("offset"):
        return _error(400, "InvalidRESTParameterError", "offset is not a valid API parameter for exports.")
    rows, _ = _selected(ask, dataset)
    limit = _bound(ask, "limit", -1, -1, 10**9)
    if isinstance(limit, str):
        return _error(400, "InvalidRESTParameterError", limit)
    rows = rows if limit < 0 else rows[:limit]
    if kind == "json":
        reply = json_answer(rows, main=dataset.main)
        return Answer(200, reply.payload, reply.content_type, main=reply.main, stream=True)
    header = list(rows[0]) if rows else list(dataset.fields)
    bom = ask.get("with_bom", "true").lower() != "false"
    delimiter = "\t" if ask.get("delimiter") == "TAB" else ask.get("delimiter", ";")[:1] or ";"
    payload = Csv(header, [list(row.values()) for row in rows], delimiter, "\r\n", bom)
    return Answer(200, payload, "text/csv; charset=utf-8", main=dataset.main, stream=True)
