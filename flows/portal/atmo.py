"""admindata.atmo-france.org: login, emission inventories and daily indices (Atmo Data v2), with SIMULATED indices.

Shapes follow contract §1.1: JSON login, `date` is the END of the period and `date_historique` its START, dates are
written in two ways, a day without data answers 200 with an empty body (today before 14:00). The figures come from
`flows.portal.air`: their answers carry the header `X-Observatoire-Simule: 1`. The inventories are real, and do not.
Reconstructed: the `code` key of the 401 bodies and the claims of the token other than `exp`.

Not here: pollens, episodes, the v1 paths, and what an inventory holds (`flows.portal.sets.atmo`).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from typing import Any

from flows.portal.air import FIRST_DAY, Air
from flows.portal.answers import SIMULATED, Answer, Ask, empty_answer, json_answer
from flows.portal.figures import Row
from flows.portal.payloads import Csv, Json, words
from flows.portal.sets.atmo import emissions

HOST = "admindata.atmo-france.org"
# The account of the demonstration. Any other is taken too, for nothing is secret here, except this password.
ATMO_USER = "demonstration"
ATMO_PASSWORD = "demonstration"
ATMO_REFUSED = "refuse"
LABELS = ("Indisponible", "Bon", "Moyen", "Dégradé", "Mauvais", "Très mauvais", "Extrêmement mauvais")
COLOURS = ("#DDDDDD", "#50F0E6", "#50CCAA", "#F0E641", "#FF5050", "#960032", "#872181")
COLUMNS = words(
    "aasqa,date_maj,code_no2,code_o3,code_pm10,code_pm25,code_qual,code_so2,code_zone,coul_qual,date_dif,date_ech,"
    "epsg_reg,lib_qual,lib_zone,source,type_zone,x_reg,x_wgs84,y_reg,y_wgs84,gml_id2",
    ",",
)
_OPENING_HOUR = 14
_KEY = b"portail de demonstration"
_AIR = Air()  # the same series for every portal of the process: it depends on its seed only


def answer(ask: Ask) -> Answer:
    """Answer of Atmo Data to one request."""
    if ask.path == "/api/login":
        return _login(ask) if ask.method == "POST" else _refusal(405, "Method Not Allowed")
    guarded = {"/api/v2/data/indices/atmo": _indices, "/api/v2/data/inventaires/emissions": emissions}
    if ask.path.rstrip("/") in guarded and ask.method in ("GET", "HEAD"):
        return _refused(ask) or guarded[ask.path.rstrip("/")](ask)
    return _refusal(404, "Not Found")


def token(today: dt.date) -> str:
    """The JWT of a demonstration day: HS256, valid 24 hours from the midnight (UTC) that opens it."""
    opened = int(dt.datetime.combine(today, dt.time(), dt.UTC).timestamp())
    claims = {"iat": opened, "exp": opened + 86_400, "roles": ["ROLE_USER"], "username": ATMO_USER}
    head = f"{_part({'typ': 'JWT', 'alg': 'HS256'})}.{_part(claims)}"
    return f"{head}.{_base64(hmac.new(_KEY, head.encode(), hashlib.sha256).digest())}"


def _part(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _refusal(status: int, message: str) -> Answer:
    return json_answer({"code": status, "message": message}, status=status)


def _login(ask: Ask) -> Answer:
    try:
        given = json.loads(ask.body.decode() or "null")
    except ValueError:
        return _refusal(400, "Invalid JSON.")
    if not isinstance(given, dict) or not {"username", "password"} <= set(given):
        return _refusal(400, 'The key "username" must be provided.')
    if not given["username"] or given["password"] in ("", None, ATMO_REFUSED):
        return _refusal(401, "Identifiants invalides.")
    return json_answer({"token": token(ask.today)}, main="token")


def _refused(ask: Ask) -> Answer | None:
    scheme, _, given = ask.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        return _refusal(401, "JWT Token not found")
    if not hmac.compare_digest(given.strip(), token(ask.today)):
        return _refusal(401, "Invalid JWT Token")
    return None


def _indices(ask: Ask) -> Answer:
    end = _day(ask.get("date"), ask.today)
    start = _day(ask.get("date_historique"), end) if end else None
    kind = ask.get("format", "geojson")
    if end is None or start is None or kind not in ("csv", "geojson"):
        return _refusal(400, "Bad Request")
    open_day = ask.today if ask.hour >= _OPENING_HOUR else ask.today - dt.timedelta(days=1)
    last, first = min(end, open_day), max(start, FIRST_DAY)
    rows = ask.view.amend("atmo__indices", list(_rows(ask, first, last)))
    if not rows:
        return Answer(200, empty_answer().payload, _type(kind), SIMULATED)
    if kind == "csv":
        payload = Csv(COLUMNS, [[wire[name] for name in COLUMNS] for wire in (_wire(ask, row) for row in rows)])
        return Answer(200, payload, _type(kind), SIMULATED, main="code_qual")
    return Answer(200, Json(_features(ask, rows)), _type(kind), SIMULATED, main="code_qual")


def _type(kind: str) -> str:
    return "text/csv; charset=UTF-8" if kind == "csv" else "application/json; charset=utf-8"


def _day(text: str, default: dt.date) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else default
    except ValueError:
        return None


def _rows(ask: Ask, first: dt.date, last: dt.date) -> Iterator[Row]:
    """Rows of the landed shape, days then communes in order."""
    communes = ask.view.figures.communes
    asked = [code for value in ask.all("code_zone") for code in value.split(",") if code]
    codes = [code for code in communes if not asked or code in asked]
    if ask.get("aasqa", "32") != "32":
        return
    day = first
    while day <= last:
        stamp = (
            f"{day:%Y/%m/%d} 12:{int(day.strftime('%j')) % 60:02d}:07.048+{'02' if 4 <= day.month <= 10 else '01'}"
        )
        for code in codes:
            found = _AIR.indices(code, day)
            yield {
                "code_zone": code,
                "lib_zone": communes[code]["nom"],
                "type_zone": "commune",
                "date_ech": day.isoformat(),
                **{f"code_{name}": str(value) for name, value in found.items()},
                "date_maj": stamp,
                "source": "Atmo HDF",
            }
        day += dt.timedelta(days=1)


def _wire(ask: Ask, row: Row) -> dict[str, str]:
    place = ask.view.figures.communes[row["code_zone"]]
    index = min(max(int(row["code_qual"]), 0), len(LABELS) - 1)
    return {
        **row,
        "aasqa": place["code_region"],
        "coul_qual": COLOURS[index],
        "lib_qual": LABELS[index],
        "date_dif": row["date_maj"][:10],
        "epsg_reg": "2154",
        "x_reg": "0.0",
        "y_reg": "0.0",
        "x_wgs84": place["lon"],
        "y_wgs84": place["lat"],
        "gml_id2": "",
    }


def _features(ask: Ask, rows: Sequence[Row]) -> dict[str, Any]:
    whole = {"code_no2", "code_o3", "code_pm10", "code_pm25", "code_qual", "code_so2"}
    real = {"x_reg", "y_reg", "x_wgs84", "y_wgs84"}
    features = []
    for row in rows:
        wire = _wire(ask, row)
        wire.pop("gml_id2")
        properties: dict[str, Any] = {
            name: int(value) if name in whole else float(value) if name in real and value else value
            for name, value in sorted(wire.items())
        }
        geometry = None
        if ask.get("with_geom", "true").lower() != "false" and wire["x_wgs84"]:
            geometry = {"type": "Point", "coordinates": [properties["x_wgs84"], properties["y_wgs84"]]}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return {
        "type": "FeatureCollection",
        "name": "national_data.national_ind_atmo",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}},
        "features": features,
    }
