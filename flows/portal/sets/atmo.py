"""Atmo France: the shape of its simulated table. Not here: the figures (`flows.portal.air`) and the answers
(`flows.portal.atmo`).
"""

from __future__ import annotations

from flows.portal.figures import spec

TABLES = {
    "atmo__indices": spec(
        "code_zone lib_zone type_zone date_ech code_qual code_no2 code_o3 code_pm10 code_pm25 code_so2 date_maj "
        "source",
        "code_zone",
        "code_qual",
    ),
}
