"""Insee, civil registration: births and deaths by residence, as Melodi serves them.

Titles, dates and counts of the catalogue are those recorded on 6 January 2026; the observations are reconstructed
from the columns of the bulk file (EC_MEASURE, FREQ, GEO, GEO_OBJECT, OBS_STATUS, TIME_PERIOD, OBS_VALUE), which have
no CONF_STATUS. Not here: Melodi's answers (`flows.portal.melodi`).
"""

from __future__ import annotations

from flows.portal.figures import spec
from flows.portal.melodi_catalogue import Melodi

_COLUMNS = "geo_millesime geo_niveau geo_code time_period measure value conf_status obs_status"

TABLES = {
    "insee__naissances": spec(_COLUMNS, "geo_code", "value", ("geo_niveau", "COM")),
    "insee__deces": spec(_COLUMNS, "geo_code", "value", ("geo_niveau", "COM")),
}

MELODI = (
    Melodi(
        name="DS_ETAT_CIVIL_NAIS_COMMUNES",
        table="insee__naissances",
        measure="EC_MEASURE",
        measures=frozenset({"LVB"}),
        title={
            "fr": "Nombre de naissances annuelles par commune",
            "en": "Number of annual births by municipality",
        },
        uri="http://id.insee.fr/catalogues/jeuDeDonnees/DS_ETAT_CIVIL_NAIS_COMMUNES",
        issued="2025-11-21T11:11:00",
        modified="2025-11-21T11:11:00",
        product="DS_ETAT_CIVIL_NAIS_COMMUNES_2025_CSV_FR",
        byte_size=3800000,
        constants={"FREQ": "A"},
        attributes=True,
    ),
    Melodi(
        name="DS_ETAT_CIVIL_DECES_COMMUNES",
        table="insee__deces",
        measure="EC_MEASURE",
        measures=frozenset({"DTH"}),
        title={"fr": "Nombre de décès annuels par commune", "en": "Number of annual deaths by municipality"},
        uri="http://id.insee.fr/catalogues/jeuDeDonnees/DS_ETAT_CIVIL_DECES_COMMUNES",
        issued="2025-11-21T13:16:02",
        modified="2025-11-21T13:16:02",
        product="DS_ETAT_CIVIL_DECES_COMMUNES_2025_CSV_FR",
        byte_size=3800000,
        constants={"FREQ": "A"},
        attributes=True,
    ),
)
