"""Insee, Melodi API: long national series of the median standard of living (ERFS) and of activity rates (enquête
Emploi).

They say in which year France had the level that the territory has now. Not here: that comparison and its deflator
(int_annee_equivalente), territories below the nation (insee_melodi.py). These two datasets have no GEO dimension: one
answer is one nation. Source of the method: catalogue recorded on 6 January 2026 (`ordreComposants`, `raccourcis`) for
the dimensions; the code of the 15-64 age class was never seen, so ages are not filtered in the request and the class
is looked for in the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from flows.core.datasets import Dataset, FetchContext, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.melodi import Query, decode, fetch, probe

STANDARD_OF_LIVING = Query(
    "DS_ERFS_CHAMP_CONST_SL",
    "ERFS_MEASURE",
    # The poverty threshold in euros of the last year and in euros of each year: their ratio is Insee's own deflator.
    ("MED_SL", "PT_MD60_CONST_PR", "PT_MD60_CURR_PR"),
    levels=(),
    nation="FM",
)
_TOTALS = (
    *("EMPFORM", "EMPSTA", "PCS", "EDUC", "IMMI", "WKTIME"),
    *("ACTIVITY", "UNDEREMP", "UNEMPDUR", "COMPOHALO"),
)
ACTIVITY = Query(
    "DD_EEC_SERIES",
    "EEC_MEASURE",
    ("ACTRATE",),
    levels=(),
    kept=(("SEX", ()), ("AGE", ())),
    # Every other dimension at its total, as the catalogue's own shortcut « Taux d'activité » asks for them.
    fixed=tuple((name, "_T") for name in _TOTALS),
    nation="F",
)


def datasets(territory: Territory) -> list[Dataset]:
    """`insee/niveau_vie_national` and `insee/activite_nationale`."""
    common: dict[str, Any] = {
        "editeur": "Insee",
        "licence": "lov2",
        "periodicite": "annuelle",
        "periode_mois": 12,
        "cycle": Cycle.ANNUEL,
        # The whole past is published again each year, in the euros or by the method of that year.
        "accumulation": Accumulation.INSTANTANE,
        "cog_year": None,
        "decoder_version": 1,
        "partitions": _single,
    }
    return [
        Dataset(
            id="insee/niveau_vie_national",
            titre="Niveau de vie médian, séries longues à champ constant",
            attribution="Insee-DGFiP-Cnaf-Cnav-CCMSA, enquête Revenus fiscaux et sociaux (ERFS)",
            page="https://catalogue-donnees.insee.fr/fr/catalogue/recherche/DS_ERFS_CHAMP_CONST_SL",
            delai_mois=28,
            niveaux=("france_metropolitaine",),
            absences=(
                "Les revenus financiers et certaines prestations n'y entrent pas, pour que le champ soit le même "
                "depuis 1975 ; les seuils de 1970 ne sont pas comparables aux suivants ; l'année 2020 est fragile."
            ),
            schema=STANDARD_OF_LIVING.schema,
            fetch=partial(fetch, STANDARD_OF_LIVING),
            decode=partial(decode, query=STANDARD_OF_LIVING),
            probe=partial(probe, STANDARD_OF_LIVING),
            **common,
        ),
        Dataset(
            id="insee/activite_nationale",
            titre="Taux d'activité par sexe, séries longues de l'enquête Emploi",
            attribution="Insee, enquête Emploi, séries longues",
            page="https://catalogue-donnees.insee.fr/fr/catalogue/recherche/DD_EEC_SERIES",
            delai_mois=7,
            niveaux=("france",),
            absences="La série porte sur la France hors Mayotte (France métropolitaine les premières années).",
            reserve=(
                "Le code de la tranche d'âge de 15 à 64 ans (« Y15T64 ») reste à confirmer dans la réponse de Melodi."
            ),
            schema=ACTIVITY.schema,
            fetch=partial(fetch, ACTIVITY),
            decode=partial(decode, query=ACTIVITY),
            probe=partial(probe, ACTIVITY),
            **common,
        ),
    ]


def _single(ctx: FetchContext) -> Iterable[Partition]:
    return [Partition("courant", {"geo": ()})]
