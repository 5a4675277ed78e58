"""geo.api.gouv.fr: communes, EPCI, départements and regions of the demonstration territory.

Routes, default fields, omitted keys, text errors and the weak ETag follow the server's source (contract §1). The
labels of the EPCI, of the départements and of the region are those of the official code (COG, DGCL): they are not
in the demonstration table, which carries communes only. Postal codes are unknown to it: the key is omitted, as the
real server omits what it does not know.

Not here: search by name or position, and the communes outside the demonstration.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from flows.portal.answers import Answer, Ask, json_answer, text_answer
from flows.portal.figures import Row, number

HOST = "geo.api.gouv.fr"
HEADERS = {
    "Vary": "Accept-Encoding, Origin",
    "X-Powered-By": "Express",
    "Strict-Transport-Security": "max-age=15552000",
}
EPCI = {
    "200042190": ("CA de la Porte du Hainaut", "CA", "FPU"),
    "245901160": ("CA Valenciennes Métropole", "CA", "FPU"),
}
DEPARTEMENTS = {"59": "Nord"}
REGIONS = {"32": "Hauts-de-France"}

_COMMUNE_DEFAULT = "nom,code,codeDepartement,siren,codeEpci,codeRegion,codesPostaux,population"
_EPCI_DEFAULT = "nom,code,codesDepartements,codesRegions,population"
_GEOMETRIES = ("centre", "contour", "mairie", "bbox")


def answer(ask: Ask) -> Answer:
    """Answer of the geo API to one request."""
    if ask.method not in ("GET", "HEAD"):
        return text_answer(f"Method {ask.method} not allowed", 401)
    limit = ask.get("limit")
    if limit and not limit.isdigit():
        return text_answer("Bad Request", 400)
    parts = ask.parts()
    if parts[:1] == ["communes"]:
        return _communes_route(ask, parts[1:])
    if parts[:1] == ["epcis"]:
        return _epcis_route(ask, parts[1:])
    if parts[:1] == ["departements"]:
        return _areas_route(ask, parts[1:], DEPARTEMENTS, "code_departement", "communes")
    if parts[:1] == ["regions"]:
        return _areas_route(ask, parts[1:], REGIONS, "code_region", "departements")
    return text_answer("Not Found", 404)


def _communes_route(ask: Ask, rest: list[str]) -> Answer:
    if rest:
        found = _where(ask, code=rest[0])
        return _one(ask, _commune(ask, found[0])) if found and len(rest) == 1 else text_answer("Not Found", 404)
    names = {"code": "code", "codeEpci": "code_epci", "codeDepartement": "code_departement", "siren": "siren"}
    names["codeRegion"] = "code_region"
    filters = {column: ask.get(name) for name, column in names.items() if ask.get(name)}
    if not filters and (ask.get("format") == "geojson" or "contour" in _fields(ask, "")):
        return text_answer("Bad Request", 400)
    return _many(ask, [_commune(ask, row) for row in _where(ask, **filters)])


def _epcis_route(ask: Ask, rest: list[str]) -> Answer:
    known = sorted({row["code_epci"] for row in ask.view.rows("geo__communes")})
    if not rest:
        wanted = ask.get("codeDepartement") or ask.get("codeRegion") or ask.get("code")
        rows = [_epci(ask, code) for code in known]
        if wanted:
            rows = [
                row
                for row, code in zip(rows, known, strict=True)
                if wanted in (code, *_codes(ask, code, "code_departement"), *_codes(ask, code, "code_region"))
            ]
        return _many(ask, rows)
    if rest[0] not in known or rest[1:] not in ([], ["communes"]):
        return text_answer("Not Found", 404)
    if len(rest) == 1:
        return _one(ask, _epci(ask, rest[0]))
    return _many(ask, [_commune(ask, row) for row in _where(ask, code_epci=rest[0])])


def _areas_route(ask: Ask, rest: list[str], labels: dict[str, str], column: str, child: str) -> Answer:
    if not rest:
        return _many(ask, [_area(ask, code, labels, column) for code in sorted(labels)])
    if rest[0] not in labels or rest[1:] not in ([], [child]):
        return text_answer("Not Found", 404)
    if len(rest) == 1:
        return _one(ask, _area(ask, rest[0], labels, column))
    if child == "communes":
        return _many(ask, [_commune(ask, row) for row in _where(ask, **{column: rest[0]})])
    return _many(ask, [_area(ask, code, DEPARTEMENTS, "code_departement") for code in sorted(DEPARTEMENTS)])


def _area(ask: Ask, code: str, labels: dict[str, str], column: str) -> dict[str, Any]:
    area: dict[str, Any] = {"nom": labels[code], "code": code}
    if column == "code_departement":
        area["codeRegion"] = next(iter(REGIONS))
    return area


def _where(ask: Ask, **filters: str) -> list[Row]:
    rows = ask.view.rows("geo__communes")
    return [row for row in rows if all(row[column] == value for column, value in filters.items())]


def _codes(ask: Ask, epci: str, column: str) -> list[str]:
    return sorted({row[column] for row in _where(ask, code_epci=epci)})


def _epci(ask: Ask, code: str) -> dict[str, Any]:
    name, kind, funding = EPCI.get(code, (f"EPCI {code}", "CA", "FPU"))
    rows = _where(ask, code_epci=code)
    return {
        "nom": name,
        "code": code,
        "codesDepartements": _codes(ask, code, "code_departement"),
        "codesRegions": _codes(ask, code, "code_region"),
        "population": sum(int(row["population"]) for row in rows if row["population"]),
        "surface": round(sum(float(row["surface"]) for row in rows if row["surface"]), 2),
        "type": kind,
        "financement": funding,
    }


def _commune(ask: Ask, row: Row) -> dict[str, Any]:
    """Every property the table knows, absent ones omitted; `_select` keeps those asked for."""
    full: dict[str, Any] = {
        "nom": row["nom"],
        "code": row["code"],
        "codeDepartement": row["code_departement"],
        "siren": row["siren"],
        "codeEpci": row["code_epci"],
        "codeRegion": row["code_region"],
        "population": number(row["population"]),
        "surface": number(row["surface"]),
        "zone": "metro",
    }
    if row["lon"] and row["lat"]:
        full["centre"] = {"type": "Point", "coordinates": [float(row["lon"]), float(row["lat"])]}
    if row["code_epci"] in EPCI:
        full["epci"] = {"code": row["code_epci"], "nom": EPCI[row["code_epci"]][0]}
    if row["code_departement"] in DEPARTEMENTS:
        full["departement"] = {"code": row["code_departement"], "nom": DEPARTEMENTS[row["code_departement"]]}
    if row["code_region"] in REGIONS:
        full["region"] = {"code": row["code_region"], "nom": REGIONS[row["code_region"]]}
    return {name: value for name, value in full.items() if value not in (None, "")}


def _contours(ask: Ask) -> dict[str, Any]:
    rows = ask.view.rows("geo__contours")
    return {row["code"]: json.loads(row["geometry"]) for row in rows}


def _fields(ask: Ask, default: str) -> list[str]:
    asked = [name.strip() for value in ask.all("fields") for name in value.split(",") if name.strip()]
    return ["nom", "code", *(asked or default.split(","))]


def _default(entity: dict[str, Any]) -> str:
    if "codesDepartements" in entity:
        return _EPCI_DEFAULT
    return _COMMUNE_DEFAULT if "codeEpci" in entity else "nom,code,codeRegion"


def _select(entity: dict[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    return {name: entity[name] for name in dict.fromkeys(fields) if name in entity}


def _one(ask: Ask, entity: dict[str, Any]) -> Answer:
    return json_answer(_shape(ask, [entity])[0], headers=HEADERS, etag="weak", main="code")


def _many(ask: Ask, entities: list[dict[str, Any]]) -> Answer:
    entities = entities[: int(ask.get("limit"))] if ask.get("limit") else entities
    shaped = _shape(ask, entities)
    value: Any = shaped
    if ask.get("format") == "geojson":
        value = {"type": "FeatureCollection", "features": shaped}
    return json_answer(value, headers=HEADERS, etag="weak", main="code")


def _shape(ask: Ask, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    geojson = ask.get("format") == "geojson"
    geometry = ask.get("geometry", "centre") if geojson else ""
    geometry = geometry if geometry in _GEOMETRIES else "centre"
    shaped = []
    contours: dict[str, Any] | None = None
    for entity in entities:
        fields = _fields(ask, _default(entity))
        if "contour" in fields or (geojson and geometry == "contour"):
            contours = _contours(ask) if contours is None else contours
            if entity["code"] in contours:
                entity = {**entity, "contour": contours[entity["code"]]}
        if geojson:
            properties = _select(entity, [name for name in fields if name not in _GEOMETRIES])
            place = entity.get(geometry)
            shaped.append({"type": "Feature", "geometry": place, "properties": properties})
        else:
            shaped.append(_select(entity, fields))
    return shaped
