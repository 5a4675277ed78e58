"""Atmo France: the shape of its simulated indices, and its emission inventories, which are real.

The inventory of the region is served in the columns of Atmo Data v2 (contract §1.1); area and population are not in
the demonstration and stay empty. The GeoServer answers that its EPCI layer holds nothing for the EPCI asked: no real
figure of it is known, and none is drawn beside the real inventory of 2016.
Not here: the simulated indices (`flows.portal.air`), login and indices (`flows.portal.atmo`).
"""

from __future__ import annotations

from flows.portal.answers import Answer, Ask, json_answer, text_answer
from flows.portal.figures import Row, spec
from flows.portal.payloads import Csv, words

TABLES = {
    "atmo__indices": spec(
        "code_zone lib_zone type_zone date_ech code_qual code_no2 code_o3 code_pm10 code_pm25 code_so2 date_maj "
        "source",
        "code_zone",
        "code_qual",
    ),
    "atmo__emissions_regions": spec("code name code_pcaet ges nox pm10 pm25 date_maj", "code", "ges nox pm10 pm25"),
    # Drawn as holding nothing: a simulated inventory must not stand beside the real one of 2016.
    "atmo__emissions_epci": spec(
        "code name code_pcaet ges nox pm10 pm25 date_maj", "code", "ges nox pm10 pm25", None, lambda figures: []
    ),
}
GEOSERVER = "data.atmo-france.org"
_COLUMNS = words("aasqa,date_maj,superficie,population,pm25,pm10,nox,ges,code_pcaet,code,name", ",")
_EXCEPTION = (
    '<?xml version="1.0" encoding="UTF-8"?><ows:ExceptionReport version="2.0.0"><ows:Exception '
    'exceptionCode="InvalidParameterValue"><ows:ExceptionText>Feature type unknown</ows:ExceptionText>'
    "</ows:Exception></ows:ExceptionReport>"
)


def emissions(ask: Ask) -> Answer:
    """The inventories of Atmo Data v2, for the sectors asked (all when none is)."""
    asked = [sector for value in ask.all("secteur") for sector in value.split(",") if sector]
    rows = [r for r in ask.view.rows("atmo__emissions_regions") if not asked or r["code_pcaet"] in asked]
    lines = [[_cell(row, name) for name in _COLUMNS] for row in rows]
    return Answer(200, Csv(_COLUMNS, lines), "text/csv; charset=UTF-8", main="code_pcaet")


def _cell(row: Row, name: str) -> str:
    if name == "aasqa":
        return row["code"]
    if name == "date_maj":
        return f"{row['date_maj'].replace('-', '/')} 00:12:03.048+01"
    return row.get(name, "")


def geoserver(ask: Ask) -> Answer:
    """Answer of the GeoServer: an empty collection for the EPCI layer, its XML error for any other."""
    layer = ask.get("typeNames") or ask.get("typenames")
    if ask.path.rstrip("/") != "/geoserver/ows" or layer != "emissions:emissions_epci":
        return text_answer(_EXCEPTION, 400, content_type="application/xml")
    features = [{"type": "Feature", "properties": dict(row)} for row in ask.view.rows("atmo__emissions_epci")]
    count = len(features)
    counts = {"totalFeatures": count, "numberMatched": count, "numberReturned": count}
    stamp = f"{ask.today}T03:00:00.000Z"
    return json_answer(
        {"type": "FeatureCollection", "features": features, **counts, "timeStamp": stamp, "crs": None},
        main="features",
    )


ROUTES = {GEOSERVER: geoserver}
