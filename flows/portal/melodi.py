"""api.insee.fr/melodi: catalogue, ranges and observations of the Melodi datasets of the observatory.

Shapes follow the recorded answers of January to March 2026 (contract §2). Reconstructed, never recorded: the place
of the Filosofi attributes, the body of a 400 (empty here), the default of `maxResult`, the bulk zip.
Observations come in an arbitrary order, the same at each call: the digest of their key.

Not here: the other datasets of the catalogue, and to-csv.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flows.portal.answers import JSON_UTF8, Answer, Ask, digest_of, empty_answer, json_answer, text_answer
from flows.portal.figures import Row, number
from flows.portal.melodi_catalogue import Melodi, datasets, labels, level_label, record
from flows.portal.payloads import Archive, Csv, Json

HOST = "api.insee.fr"
MAX_RESULT = 100_000
DEFAULT_RESULT = 1_000

_PREFIXED = re.compile(r"^(?:(\d{4})-)?([A-Z][A-Z0-9]*)(?:-([0-9A-Z]+))?(?:\*([A-Z][A-Z0-9]*))?$")
_PUBLISHER = {
    "id": "INSEE",
    "label": [
        {"lang": "fr", "content": "Institut national de la statistique et des etudes economiques (INSEE)"},
        {"lang": "en", "content": "National Institute of Statistics and Economic Studies"},
    ],
}


def answer(ask: Ask) -> Answer:
    """Answer of Melodi to one request under /melodi/."""
    if ask.method not in ("GET", "HEAD"):
        return _with_headers(ask, empty_answer(405))
    if not ask.path.startswith("/melodi/"):
        return _with_headers(ask, text_answer("No context-path matches the request URI.", 404))
    parts = ask.parts("/melodi/")
    reply = _route(ask, parts)
    return _with_headers(ask, reply)


def _route(ask: Ask, parts: list[str]) -> Answer:
    match parts:
        case ["catalog", "all"]:
            return json_answer([_record(ask, name) for name in datasets()], main="identifier")
        case ["catalog", name] if name in datasets():
            return json_answer(_record(ask, name), main="modified")
        case ["range", name] if name in datasets():
            return json_answer(_range(ask, datasets()[name]), main="range")
        case ["data", name] if name in datasets():
            return _data(ask, datasets()[name])
        case ["file", name, product] if name in datasets() and product == datasets()[name].product:
            return _file(ask, datasets()[name])
        case ["rmes", "listeCode", _]:
            return json_answer({"codes": [], "niveaux": []}, main="codes")
        case ["data", _] | ["catalog", _] | ["range", _]:
            return text_answer(
                "Le serveur a rencontré une erreur inattendue.", 500, content_type="text/plain;charset=UTF-8"
            )
    return empty_answer(404)


def _with_headers(ask: Ask, reply: Answer) -> Answer:
    token = digest_of(ask.url)
    ident = f"{token[:8]}-{token[8:12]}-4{token[13:16]}-8{token[17:20]}-{token[20:32]}"
    headers = {
        "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
        "pragma": "no-cache",
        "expires": "0",
        "set-cookie": "INSEE=rd4o00000000000000000000ffff0ac30849o8082; path=/; Httponly; Secure",
        "vary": "origin,access-control-request-method,access-control-request-headers,accept-encoding",
        "x-content-type-options": "nosniff",
        "x-gravitee-request-id": ident,
        "x-gravitee-transaction-id": ident,
    }
    kind = "application/json" if reply.content_type.startswith("application/json") else reply.content_type
    return Answer(reply.status, reply.payload, kind, {**headers, **reply.headers}, main=reply.main)


def _record(ask: Ask, name: str) -> dict[str, Any]:
    view = ask.view.at(HOST, f"/melodi/data/{name}")
    rows = datasets()[name].rows(view)
    return record(datasets()[name], rows, f"{ask.today.isoformat()}T05:00:00" if view.altered else "")


def _range(ask: Ask, dataset: Melodi) -> dict[str, Any]:
    rows = dataset.rows(ask.view)
    places = sorted({(row["geo_niveau"], row["geo_code"], row["geo_millesime"]) for row in rows})
    measures = sorted({row["measure"] for row in rows})
    periods = sorted({row["time_period"] for row in rows}, reverse=True)
    geo = [
        {
            "code": code,
            "iri": f"http://id.insee.fr/geo/{digest_of(level, code)[:12]}",
            "label": {"fr": _place(ask, level, code)},
            "type": {"code": level, "fr": level_label(level), "en": level_label(level)},
            "id": f"{year}-{level}-{code}",
        }
        for level, code, year in places
    ]
    concepts = [
        *([_concept("GEO", "Géographie", "Geography", geo, "geo")] if dataset.geo else []),
        _concept(dataset.measure, "Mesure", "Measure", [labels(code) for code in measures]),
        *(
            _concept(name, name, name, [{"code": value, "label": {"fr": value, "en": value}}])
            for name, value in dataset.constants.items()
        ),
        *(
            _concept(name, name, name, [{"code": code, "label": {"fr": code, "en": code}} for code in codes])
            for name, codes in _codes(dataset, rows).items()
        ),
        _concept(
            "TIME_PERIOD",
            "Période temporelle",
            "Time period",
            [{"code": period, "label": {"fr": period, "en": period}} for period in periods],
            "date",
        ),
        _concept(
            "MEASURE",
            "Mesure",
            "Measure",
            [
                {
                    "code": "OBS_VALUE_NIVEAU",
                    "label": {"fr": "Valeur", "en": "Value"},
                    "measureType": {
                        "code": "NIVEAU",
                        "libelle": {"fr": "Niveau", "en": "Niveau"},
                        "ordreRmes": 1,
                        "uri": "NIVEAU",
                        "total": False,
                        "id": "NIVEAU",
                    },
                }
            ],
            "mesures",
        ),
    ]
    return {"code": dataset.name, "label": dataset.title, "range": concepts}


def _concept(code: str, fr: str, en: str, values: list[Any], kind: str = "modalites") -> dict[str, Any]:
    return {"concept": {"code": code, "label": {"fr": fr, "en": en}}, "values": values, "type": kind}


def _place(ask: Ask, level: str, code: str) -> str:
    row = ask.view.figures.communes.get(code)
    return row["nom"] if row and level == "COM" else f"{level_label(level)} {code}"


def _data(ask: Ask, dataset: Melodi) -> Answer:
    rows = _selected(ask, dataset)
    if rows is None:
        return empty_answer(400, "application/json")
    size = min(_whole(ask.get("maxResult"), DEFAULT_RESULT), MAX_RESULT)
    page = max(_whole(ask.get("page"), 1), 1)
    shown = rows[(page - 1) * size : page * size] if size else []
    base = "&".join(piece for piece in ask.query.split("&") if piece and not piece.startswith("page="))
    address = f"https://{HOST}{ask.path}?" + (f"{base}&" if base else "")
    paging: dict[str, Any] = {"first": f"{address}page=1"}
    if size and page * size < len(rows):
        paging["next"] = f"{address}page={page + 1}"
    if size and len(rows) > size:
        paging["last"] = f"{address}page={-(-len(rows) // size)}"
    if ask.get("totalCount").upper() == "TRUE":
        paging["count"] = len(rows)
    value = {
        "identifier": dataset.name,
        "title": dataset.title,
        "publisher": _PUBLISHER,
        "observations": [_observation(dataset, row) for row in shown],
        "paging": paging,
    }
    if dataset.attributes:
        # Datasets with attributes were recorded indented, and their keys in another order.
        order = ("observations", "identifier", "paging", "publisher", "title")
        return Answer(200, Json({key: value[key] for key in order}, pretty=True), JSON_UTF8, main=_main(dataset))
    return json_answer(value, main=_main(dataset))


def _main(dataset: Melodi) -> str:
    """The key that a client cannot do without."""
    return "GEO" if dataset.geo else "TIME_PERIOD"


def _whole(text: str, default: int) -> int:
    return int(text) if text.isdigit() else default


def _codes(dataset: Melodi, rows: Sequence[Row]) -> dict[str, list[str]]:
    """Codes of each further dimension that the figures have."""
    return {name: sorted({row[column] for row in rows}) for name, column in dataset.dimensions.items()}


def _selected(ask: Ask, dataset: Melodi) -> list[Row] | None:
    """Rows that the query selects, in their arbitrary order; None when a value is not in the range."""
    columns = {dataset.measure: "measure", "TIME_PERIOD": "time_period", **dataset.dimensions}
    filters = {column: frozenset(ask.all(name)) for name, column in columns.items() if ask.all(name)}
    places = [_PREFIXED.match(text) for text in ask.all("GEO")]
    if not filters.get("measure", frozenset()) <= dataset.measures or not all(places):
        return None
    for name, value in dataset.constants.items():
        if ask.all(name) and value not in ask.all(name):
            return None

    def wanted(row: Row) -> bool:
        if any(row[column] not in codes for column, codes in filters.items()):
            return False
        return not places or any(_covers(ask, place.groups(), row) for place in places if place)

    keys = ("geo_code", "measure", "time_period", *dataset.dimensions.values())
    return sorted(dataset.rows(ask.view, wanted), key=lambda row: digest_of(*(row[k] for k in keys), dataset.name))


def _covers(ask: Ask, place: tuple[str | None, ...], row: Mapping[str, str]) -> bool:
    year, level, code, below = place
    if year and year != row["geo_millesime"]:
        return False
    if below:
        commune = ask.view.figures.communes.get(row["geo_code"])
        columns = {"EPCI": "code_epci", "DEP": "code_departement", "REG": "code_region"}
        if below != "COM" or row["geo_niveau"] != "COM" or commune is None or level not in columns:
            return False
        return commune[columns[level]] == code
    return row["geo_niveau"] == level and code in (None, row["geo_code"])


def _observation(dataset: Melodi, row: Row) -> dict[str, Any]:
    dimensions = {"GEO": f"{row['geo_millesime']}-{row['geo_niveau']}-{row['geo_code']}"} if dataset.geo else {}
    dimensions.update(dataset.constants)
    dimensions["TIME_PERIOD"] = row["time_period"]
    dimensions[dataset.measure] = row["measure"]
    dimensions.update({name: row[column] for name, column in dataset.dimensions.items()})
    value = number(row["value"])
    if value is None:
        # Both forms of a suppressed value are reported by clients; which one comes is arbitrary, and stable.
        odd = int(digest_of(row["geo_code"], row["measure"])[:2], 16) % 2
        measures: dict[str, Any] = {"OBS_VALUE_NIVEAU": {}} if odd else {}
    else:
        measures = {"OBS_VALUE_NIVEAU": {"value": float(value)}}
    observation: dict[str, Any] = {"dimensions": dimensions, "measures": measures}
    if dataset.attributes:
        unit = dataset.units.get(row["measure"])
        if unit:
            dimensions["UNIT_MEASURE"] = unit
        statuses = {"CONF_STATUS": row["conf_status"], "OBS_STATUS": row["obs_status"], "UNIT_MULT": "0"}
        observation = {"attributes": {name: text for name, text in statuses.items() if text}, **observation}
    return observation


def _file(ask: Ask, dataset: Melodi) -> Answer:
    """The bulk zip of the catalogue (contract §2.4): plain codes, every cell quoted, decimal point."""
    view = ask.view
    rows = sorted(dataset.rows(view), key=lambda row: digest_of(row["geo_code"], row["measure"]))
    header = [*(("GEO", "GEO_OBJECT") if dataset.geo else ()), *dataset.dimensions, dataset.measure, "TIME_PERIOD"]
    header += ["CONF_STATUS", "OBS_STATUS", "OBS_VALUE"]
    place = ("geo_code", "geo_niveau") if dataset.geo else ()
    columns = (*place, *dataset.dimensions.values(), "measure", "time_period")
    columns += ("conf_status", "obs_status", "value")
    data = Csv(header, [[row[name] for name in columns] for row in rows], ";", bom=True, quote="all")
    known = [(dataset.measure, code, labels(code)["label"]["fr"]) for code in sorted(dataset.measures)]
    meta = Csv(
        ["COD_VAR", "LIB_VAR", "COD_MOD", "LIB_MOD"],
        [[name, "Mesure", code, label] for name, code, label in known],
        ";",
        bom=True,
        quote="all",
    )
    stem = dataset.product.removesuffix("_CSV_FR")
    archive = Archive([(f"{stem}_data.csv", data), (f"{stem}_metadata.csv", meta)])
    return Answer(200, archive, "application/zip", main=_main(dataset))
