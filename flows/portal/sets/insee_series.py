"""Insee: the two national series of Melodi, median standard of living and activity rates.

Not here: Melodi's answers (`flows.portal.melodi`); figures below the nation (`insee`). The codes of sex and age are
those that clients of other Melodi datasets report: never seen for this one.
"""

from __future__ import annotations

from flows.portal.figures import spec
from flows.portal.melodi_catalogue import Melodi
from flows.portal.payloads import words

_PLACE = "geo_millesime geo_niveau geo_code time_period"
_VALUE = "measure value conf_status obs_status"

TABLES = {
    "insee__niveau_vie_national": spec(f"{_PLACE} {_VALUE}", "time_period", "value"),
    "insee__activite_nationale": spec(f"{_PLACE} sex age {_VALUE}", "time_period", "value"),
}

MELODI = (
    Melodi(
        name="DS_ERFS_CHAMP_CONST_SL",
        table="insee__niveau_vie_national",
        measure="ERFS_MEASURE",
        measures=frozenset(
            words("D1_SL D9_SL IR_D9_D1_SL MEAN_SL MED_SL NUM_PER_MD60 PT_MD60_CONST_PR PT_MD60_CURR_PR LIR_MD60")
        ),
        title={
            "fr": "Indicateurs de pauvreté et de niveau de vie (séries longues à champ constant)",
            "en": "Poverty and living standards indicators (long-term series with a constant scope)",
        },
        uri="http://id.insee.fr/catalogues/jeuDeDonnees/b7968a57-5065-4a81-a796-3c3ce4da1a77",
        issued="2025-04-14T12:12:28",
        modified="2025-04-17T08:31:28",
        product="DS_ERFS_CHAMP_CONST_SL_2022_CSV_FR",
        byte_size=2869,
        attributes=True,
        geo=False,
    ),
    Melodi(
        name="DD_EEC_SERIES",
        table="insee__activite_nationale",
        measure="EEC_MEASURE",
        measures=frozenset({"ACTRATE", "EMPRATE", "UNEMPRATE"}),
        title={
            "fr": "Activité, emploi et chômage - séries longues",
            "en": "Activity, employment and unemployment - times series",
        },
        uri="http://id.insee.fr/catalogues/jeuDeDonnees/25baaf1f-61cf-4d50-9124-1477afca2aa4",
        issued="2023-12-15T10:34:50",
        modified="2025-07-03T13:51:19",
        product="DD_EEC_SERIES_CSV_FR",
        byte_size=515457,
        constants=dict.fromkeys(
            ["EMPFORM", "EMPSTA", "PCS", "EDUC", "IMMI", "WKTIME", "ACTIVITY", "UNDEREMP", "UNEMPDUR", "COMPOHALO"],
            "_T",
        ),
        dimensions={"SEX": "sex", "AGE": "age"},
        attributes=True,
        geo=False,
    ),
)
