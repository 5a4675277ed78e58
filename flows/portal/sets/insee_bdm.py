"""bdm.insee.fr: series of the macro-economic data bank, as SDMX-ML 2.1.

Two forms, as the service is known to answer: structure-specific by default (rebuilt from the parsers of its clients,
never recorded) and generic when the request's Accept names it (recorded in 2015 and 2017). Newest observation first;
a missing value is `NaN` with OBS_STATUS O; 404 when no series is known. Not here: startPeriod and the other filters,
dataflows, structures.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from flows.portal.answers import Answer, Ask, empty_answer
from flows.portal.figures import Row, spec
from flows.portal.payloads import Text

HOST = "bdm.insee.fr"
_PREFIX = "/series/sdmx/data/SERIES_BDM/"
_XML = "application/xml;charset=UTF-8"
_URN = "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=FR1:SERIES_BDM(1.0)"
_SDMX = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
_HEADER = (
    "<message:Header><message:ID>SERIES_BDM_1</message:ID><message:Test>false</message:Test>"
    "<message:Prepared>{day}T05:00:00</message:Prepared>"
    '<message:Sender id="FR1"><common:Name xml:lang="fr">Institut national de la statistique et des études '
    "économiques</common:Name></message:Sender>"
    '<message:Structure structureID="FR1_SERIES_BDM_1_0"{namespace} dimensionAtObservation="TIME_PERIOD">'
    '<common:Structure><Ref agencyID="FR1" id="SERIES_BDM" version="1.0"/></common:Structure></message:Structure>'
    '<message:Source xml:lang="fr">Banque de données macro-économiques</message:Source></message:Header>'
)

TABLES = {
    "insee__bdm": spec(
        "idbank titre freq ref_area unit_measure periode valeur obs_status last_update", "idbank", "valeur"
    ),
}


def answer(ask: Ask) -> Answer:
    """Answer of the service to one request for series."""
    if ask.method not in ("GET", "HEAD"):
        return empty_answer(405)
    if not ask.path.startswith(_PREFIX):
        return empty_answer(404)
    wanted = ask.path.removeprefix(_PREFIX).split("+")
    rows = [row for row in ask.view.rows("insee__bdm") if row["idbank"] in wanted]
    if not rows:
        return empty_answer(404)
    write = _generic if "genericdata" in ask.headers.get("accept", "") else _specific
    series: dict[str, list[Row]] = {}
    for row in rows:
        series.setdefault(row["idbank"], []).append(row)
    body = write(ask.today.isoformat(), list(series.values()))
    return Answer(200, Text(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'), _XML, main="IDBANK")


def _period(text: str) -> str:
    return text.replace("-T", "-Q")


def _attributes(row: Row) -> dict[str, str]:
    """Attributes of a series; one that is not known is left out."""
    found = {
        "IDBANK": row["idbank"],
        "FREQ": row["freq"],
        "TITLE_FR": row["titre"],
        "LAST_UPDATE": row["last_update"],
        "UNIT_MEASURE": row["unit_measure"],
        "UNIT_MULT": "0",
        "REF_AREA": row["ref_area"],
    }
    return {name: value for name, value in found.items() if value}


def _newest_first(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["periode"], reverse=True)


def _specific(day: str, series: Sequence[Sequence[Row]]) -> str:
    lines = []
    for rows in series:
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in _attributes(rows[0]).items())
        lines.append(f"<Series{attributes}>")
        for row in _newest_first(rows):
            lines.append(
                f'<Obs TIME_PERIOD="{_period(row["periode"])}" OBS_VALUE="{row["valeur"] or "NaN"}" '
                f'OBS_STATUS="{row["obs_status"] if row["valeur"] else "O"}"/>'
            )
        lines.append("</Series>")
    return (
        f'<message:StructureSpecificData xmlns:ss="{_SDMX}/data/structurespecific" xmlns:ns1="{_URN}" '
        f'xmlns:message="{_SDMX}/message" xmlns:common="{_SDMX}/common" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        + _HEADER.format(day=day, namespace=f' namespace="{_URN}"')
        + '<message:DataSet ss:dataScope="DataStructure" xsi:type="ns1:DataSetType" '
        'ss:structureRef="FR1_SERIES_BDM_1_0">'
        + "".join(lines)
        + "</message:DataSet></message:StructureSpecificData>"
    )


def _generic(day: str, series: Sequence[Sequence[Row]]) -> str:
    def value(name: str, text: str) -> str:
        return f"<generic:Value id={quoteattr(name)} value={quoteattr(text)}></generic:Value>"

    lines = []
    for rows in series:
        attributes = _attributes(rows[0])
        lines.append(f"<generic:Series><generic:SeriesKey>{value('IDBANK', attributes.pop('IDBANK'))}")
        titled = {"TITLE" if name == "TITLE_FR" else name: text for name, text in attributes.items()}
        lines.append("</generic:SeriesKey><generic:Attributes>")
        lines += [value(name, text) for name, text in titled.items()]
        lines.append("</generic:Attributes>")
        for row in _newest_first(rows):
            status = value("OBS_STATUS", row["obs_status"] if row["valeur"] else "O")
            lines.append(
                f'<generic:Obs><generic:ObsDimension value="{_period(row["periode"])}"></generic:ObsDimension>'
                f'<generic:ObsValue value="{row["valeur"] or "NaN"}"></generic:ObsValue><generic:Attributes>'
                f"{status}</generic:Attributes></generic:Obs>"
            )
        lines.append("</generic:Series>")
    return (
        f'<message:GenericData xmlns:generic="{_SDMX}/data/generic" xmlns:common="{_SDMX}/common" '
        f'xmlns:message="{_SDMX}/message" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        + _HEADER.format(day=day, namespace="")
        + '<message:DataSet structureRef="FR1_SERIES_BDM_1_0">'
        + "".join(lines)
        + "</message:DataSet></message:GenericData>"
    )


ROUTES = {HOST: answer}
