"""geo.api.gouv.fr: its tables. Not here: its answers (`flows.portal.geo`)."""

from __future__ import annotations

from flows.portal.figures import spec

TABLES = {
    "geo__communes": spec(
        "code nom siren code_epci code_departement code_region population surface lon lat",
        "code",
        "population surface",
    ),
    "geo__contours": spec("code nom geometry", "code", ""),
}
