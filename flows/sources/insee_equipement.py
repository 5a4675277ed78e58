"""Insee, Melodi API: counts of public services (BPE) and capacity of tourist accommodation, by territory.

Not here: the protocol (melodi.py), the position of facilities (insee_places.py), and what rooms, pitches and beds
are worth together (the warehouse): Insee publishes no total of the three, because they are three units.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from flows.core.datasets import Dataset, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.melodi import Query, decode, fetch, partitions, probe

# Public services whose door everyone must be able to pass: police, gendarmerie, France services, town hall, post
# (office, relay, agency), schools (nursery, primary, elementary), collèges, lycées (three kinds), libraries.
PUBLIC_SERVICES = (
    "A101", "A104", "A128", "A129", "A206", "A207", "A208", "C107", "C108", "C109", "C201", "C301", "C302", "C303",
    "F307",
)  # fmt: skip
_LEVELS = ("epci", "departement", "region", "france")

EQUIPMENT = Query("DS_BPE", "BPE_MEASURE", ("FACILITIES",), _LEVELS, kept=(("FACILITY_TYPE", PUBLIC_SERVICES),))
# PLACE is a number of rooms for hotels (I551) and of pitches for campsites (I553); other collective accommodation
# (I552) is counted in beds (BEDPLACE). One ranking and one length of stay: their totals.
TOURISM = Query(
    "DS_TOUR_CAP",
    "TOUR_MEASURE",
    ("UNIT_LOC", "PLACE", "BEDPLACE"),
    _LEVELS,
    kept=(("ACTIVITY", ("I551", "I552", "I553")),),
    fixed=(("UNIT_LOC_RANKING", "_T"), ("L_STAY", "_T")),
)


def datasets(territory: Territory) -> list[Dataset]:
    """`insee/bpe` and `insee/hebergement_touristique`."""
    common: dict[str, Any] = {
        "editeur": "Insee",
        "licence": "lov2",
        "periodicite": "annuelle",
        "periode_mois": 12,
        "cycle": Cycle.ANNUEL,
        "accumulation": Accumulation.INSTANTANE,
        "niveaux": ("commune", *_LEVELS),
        "cog_year": None,  # re-published on the current COG each year; each row carries its own (geo_millesime)
        "decoder_version": 1,
        "partitions": partitions,
        "empty_expected": True,  # of the comparison territories only
    }
    return [
        Dataset(
            id="insee/bpe",
            titre="Dénombrement des services publics (base permanente des équipements)",
            attribution="Insee, base permanente des équipements (BPE)",
            page="https://catalogue-donnees.insee.fr/fr/catalogue/recherche/DS_BPE",
            delai_mois=18,
            schema=EQUIPMENT.schema,
            fetch=partial(fetch, EQUIPMENT),
            decode=partial(decode, query=EQUIPMENT),
            probe=partial(probe, EQUIPMENT),
            absences="Une commune sans équipement d'un type n'a pas de ligne pour ce type.",
            reserve=(
                "Les codes des types d'équipement peuvent changer avec le millésime : à comparer au dictionnaire de "
                "la base à chaque nouvelle édition."
            ),
            **common,
        ),
        Dataset(
            id="insee/hebergement_touristique",
            titre="Capacité des communes en hébergement touristique",
            attribution="Insee, capacité des communes en hébergement touristique",
            page="https://catalogue-donnees.insee.fr/fr/catalogue/recherche/DS_TOUR_CAP",
            delai_mois=6,
            schema=TOURISM.schema,
            fetch=partial(fetch, TOURISM),
            decode=partial(decode, query=TOURISM),
            probe=partial(probe, TOURISM),
            absences="Meublés de tourisme, chambres d'hôtes et locations entre particuliers ne sont pas comptés.",
            reserve="Les codes des dimensions (activité, mesure) restent à vérifier à la première réponse réelle.",
            **common,
        ),
    ]
