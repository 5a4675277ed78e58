"""data-fair portals: opendata.agenceore.fr (electricity and gas by commune) and data.ademe.fr (energy labels).

Shapes follow the server's source and the recorded lines (contract §2.2): plain-text errors, weak ETag and
Last-Modified, `next` exactly when the page is full, null fields omitted, `total_other` above zero when an aggregation
was cut. Reconstructed: the cursor (the rank of the last line), the dates of the datasets, the schema's titles that
the contract does not give, the labels of the ORE columns beyond those quoted there.

The energy labels are served as aggregates only: the demonstration has counts, no diagnosis (they are personal data).
Not here: geographic queries, the Opendatasoft compatibility layer.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import cache, partial
from typing import Any
from urllib.parse import quote

from flows.portal.answers import Answer, Ask, http_date, json_answer, text_answer
from flows.portal.datafair_query import QueryError, filters, unknown
from flows.portal.datafair_sets import Fair
from flows.portal.payloads import Csv
from flows.portal.sets import collected

MAX_SIZE = 10_000
MAX_AGG = 1_000
_DEFAULT_SIZE, _DEFAULT_AGG = 12, 20


@cache
def hosts() -> frozenset[str]:
    """Official hosts that speak this protocol here."""
    return frozenset(found.host for found in collected("FAIRS"))


def answer(ask: Ask) -> Answer:
    """Answer of a data-fair portal to one request."""
    prefix = "/data-fair/api/v1/datasets/"
    parts = ask.parts(prefix) if ask.path.startswith(prefix) else []
    asked = parts[0] if parts else ""
    fair = next((f for f in collected("FAIRS") if f.host == ask.host and asked in (f.slug, f.ident)), None)
    if fair is None:
        return text_answer("Jeu de données introuvable", 404)
    if ask.method not in ("GET", "HEAD"):
        return text_answer("Méthode non autorisée", 405)
    try:
        reply = _route(ask, fair, parts[1:])
    except QueryError as error:
        return text_answer(str(error), 400)
    if reply.status != 200:
        return reply
    moment = fair.updated(ask)
    given = ask.get("finalizedAt")
    if given and given > stamp(moment):
        return text_answer('Le paramètre "finalizedAt" est postérieur à la date de mise à jour', 400)
    age = 604_800 if given else 300
    headers = {
        **reply.headers,
        "Cache-Control": f"must-revalidate, public, max-age={age}",
        "Last-Modified": http_date(moment),
    }
    return Answer(200, reply.payload, reply.content_type, headers, "weak", reply.main)


def stamp(moment: dt.datetime) -> str:
    """A date as data-fair writes it: milliseconds and Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "000Z"


def _route(ask: Ask, fair: Fair, rest: list[str]) -> Answer:
    if not rest:
        return json_answer(_metadata(ask, fair), main="dataUpdatedAt")
    if rest == ["lines"]:
        return _lines(ask, fair) if fair.lines else text_answer("Ce jeu n'est servi ici qu'en agrégats.", 501)
    if rest == ["values_agg"]:
        return _values_agg(ask, fair)
    if rest == ["raw"] and fair.raw is not None:
        return Answer(200, fair.raw(ask.view), "text/csv; charset=utf-8", main=fair.main)
    return text_answer("Ressource introuvable", 404)


def _metadata(ask: Ask, fair: Fair) -> dict[str, Any]:
    moment = stamp(fair.updated(ask))
    schema = [
        {
            "key": key,
            "type": kind,
            "format": None,
            "title": label,
            "x-originalName": original,
            "ignoreDetection": False,
        }
        for key, (kind, label, original) in fair.schema.items()
    ]
    view = ask.view.at(fair.host, f"/data-fair/api/v1/datasets/{fair.slug}/lines")
    return {
        "id": fair.ident,
        "slug": fair.slug,
        "title": fair.title,
        "description": "Figures de démonstration.",
        "status": "finalized",
        "count": sum(weight for _, weight in fair.records(view)),
        "dataUpdatedAt": moment,
        "finalizedAt": moment,
        "updatedAt": moment,
        "createdAt": "2024-01-10T09:00:00.000Z",
        "license": {
            "title": "Licence Ouverte / Open Licence version 2.0",
            "href": "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
        },
        "file": {"name": f"{fair.slug}.csv", "encoding": "UTF-8", "mimetype": "text/csv"},
        "bbox": list(fair.bbox),
        "page": f"https://{fair.host}/datasets/{fair.slug}",
        "schema": schema,
    }


def _whole(ask: Ask, name: str, default: int, most: int) -> int:
    text = ask.get(name)
    if not text:
        return default
    if not text.isdigit():
        raise QueryError(f'Le paramètre "{name}" doit être un entier positif')
    if int(text) > most:
        raise QueryError(f'"{name}" cannot be more than {most}')
    return int(text)


def _found(ask: Ask, fair: Fair, *, repeat: bool) -> list[tuple[int, dict[str, Any], int]]:
    """(rank, record, weight) of what the filters keep."""
    tests = filters(ask.params, list(fair.schema))
    records = fair.records(ask.view, repeat=repeat)
    return [
        (rank, record, weight)
        for rank, (record, weight) in enumerate(records, start=1)
        if all(test(record) for test in tests)
    ]


def _lines(ask: Ask, fair: Fair) -> Answer:
    size, page = _whole(ask, "size", _DEFAULT_SIZE, MAX_SIZE), max(_whole(ask, "page", 1, MAX_SIZE), 1)
    if size * page > MAX_SIZE:
        raise QueryError(f'"size * page" cannot be more than {MAX_SIZE}')
    found = _found(ask, fair, repeat=True)
    total = len(found)
    for key in reversed([piece for piece in ask.get("sort").split(",") if piece]):
        name = key.lstrip("-")
        if name not in fair.schema:
            raise unknown("sort", name)
        found.sort(key=partial(_order, name), reverse=key.startswith("-"))
    after = ask.get("after")
    if after:
        if not re.fullmatch(r"\d+", after):
            raise QueryError('"after" parameter is malformed')
        ranks = [rank for rank, _, _ in found]
        found = found[ranks.index(int(after)) + 1 :] if int(after) in ranks else []
    else:
        found = found[(page - 1) * size :]
    shown = found[:size]
    keys = _selected(ask, fair)
    if ask.get("format") == "csv":
        header = [fair.schema[key][2] for key in keys]
        payload = Csv(header, [[row.get(key) for key in keys] for _, row, _ in shown], bom=True, quote="text")
        return Answer(200, payload, "text/csv; charset=utf-8", main=header[0])
    results = []
    for rank, record, _ in shown:
        line = {key: record[key] for key in keys if record.get(key) is not None}
        if not ask.get("select"):
            line |= {"_i": rank, "_id": f"{fair.ident[:6]}{rank:010d}"}
        results.append({**line, "_score": None})
    value: dict[str, Any] = {"total": total}
    headers = {}
    if size and len(shown) == size:
        pairs = [(name, text) for name, text in ask.params if name not in ("page", "after")]
        pairs.append(("after", str(shown[-1][0])))
        query = "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in pairs)
        value["next"] = f"https://{ask.host}{ask.path}?{query}"
        headers["Link"] = f"<{value['next']}>; rel=next"
    value["results"] = results
    return json_answer(value, headers=headers, main=fair.main)


def _order(name: str, item: tuple[int, dict[str, Any], int]) -> tuple[bool, Any]:
    """Sort key of a line: null fields last; the second term is never compared with theirs."""
    value = item[1].get(name)
    return value is None, "" if value is None else value


def _selected(ask: Ask, fair: Fair) -> list[str]:
    keys = [key for key in ask.get("select").split(",") if key]
    for key in keys:
        if key not in fair.schema:
            raise QueryError(f"Impossible de sélectionner le champ {key}, il n'existe pas dans le jeu de données.")
    return keys or list(fair.schema)


def _values_agg(ask: Ask, fair: Fair) -> Answer:
    fields = [field for field in re.split("[;,]", ask.get("field")) if field]
    if not fields:
        raise QueryError('Le paramètre "field" est obligatoire')
    for field in fields:
        if field not in fair.schema:
            raise unknown("field", field)
    sizes = [piece for piece in re.split("[;,]", ask.get("agg_size")) if piece]
    limits = []
    for i in range(len(fields)):
        text = sizes[i] if i < len(sizes) else str(_DEFAULT_AGG)
        if not text.isdigit():
            raise QueryError('Le paramètre "agg_size" doit être un entier positif')
        if int(text) > MAX_AGG:
            raise QueryError(f'"agg_size" cannot be more than {MAX_AGG}')
        limits.append(int(text))
    metric, metric_field = ask.get("metric"), ask.get("metric_field")
    if metric and metric not in ("sum", "avg", "min", "max"):
        raise QueryError(f'Le paramètre "metric" n\'accepte pas la valeur {metric}')
    if metric and metric_field not in fair.schema:
        raise unknown("metric_field", metric_field)
    found = [(record, weight) for _, record, weight in _found(ask, fair, repeat=False)]
    level = _aggregated(found, fields, limits, (metric, metric_field), re.split("[;]", ask.get("sort")))
    level["aggs"] = ask.view.doubled(level["aggs"])
    return json_answer({"total": sum(weight for _, weight in found), **level}, main="value")


def _aggregated(
    found: Sequence[tuple[dict[str, Any], int]],
    fields: list[str],
    limits: list[int],
    metric: tuple[str, str],
    sorts: list[str],
) -> dict[str, Any]:
    """One level of an aggregation: most frequent values first unless another order is asked for."""
    groups: dict[str, list[tuple[dict[str, Any], int]]] = {}
    for record, weight in found:
        if record.get(fields[0]) is not None:
            groups.setdefault(str(record[fields[0]]), []).append((record, weight))
    totals = {value: sum(weight for _, weight in group) for value, group in groups.items()}
    order = sorts[0] if sorts and sorts[0] else "-count"
    if order.lstrip("-") == "key":
        names = sorted(groups, reverse=order.startswith("-"))
    else:
        names = sorted(groups, key=lambda value: (totals[value] * (-1 if order == "-count" else 1), value))
    kept = names[: limits[0]]
    aggs = []
    for value in kept:
        entry: dict[str, Any] = {"total": totals[value], "value": value, "results": []}
        if metric[0]:
            entry["metric"] = _metric(groups[value], metric)
        if len(fields) > 1:
            entry |= _aggregated(groups[value], fields[1:], limits[1:], metric, sorts[1:])
        aggs.append(entry)
    level: dict[str, Any] = {
        "total_values": len(groups),
        "total_other": sum(totals[value] for value in names[limits[0] :]),
        "aggs": aggs,
    }
    if order == "key" and len(names) > len(kept):
        level["next"] = {f"{fields[0]}_gt": kept[-1]}
    return level


def _metric(group: Sequence[tuple[dict[str, Any], int]], metric: tuple[str, str]) -> float | None:
    values = [record[metric[1]] for record, _ in group if isinstance(record.get(metric[1]), int | float)]
    if metric[0] == "sum":
        return round(sum(values), 9)
    if not values:
        return None
    return {"avg": sum(values) / len(values), "min": min(values), "max": max(values)}[metric[0]]
