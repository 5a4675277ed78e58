"""Insee, Melodi API: Filosofi key figures and legal populations, for our communes and the comparison territories.

Not here: the protocol (melodi.py), the census tables (insee_recensement.py), Insee's downloadable files
(insee_files.py) and what a missing figure means to a reader (staging models).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from flows.core.datasets import Dataset, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.melodi import OBSERVATIONS, Query, decode, fetch, partitions, probe

FILOSOFI = Query(
    "DS_FILOSOFI_CC",
    "FILOSOFI_MEASURE",
    ("MED_SL", "PR_MD60"),
    # No whole France in Filosofi: the métropole, Martinique and La Réunion only.
    ("epci", "arrondissement", "zone_emploi", "departement", "region", "france_metropolitaine"),
)
POPULATIONS = Query(
    "DS_POPULATIONS_REFERENCE",
    "POPREF_MEASURE",
    ("PMUN", "PCAP", "PTOT"),
    # Legal populations are not published by EPCI nor by zone d'emploi: they are summed from communes.
    ("arrondissement", "departement", "region", "france"),
)


def datasets(territory: Territory) -> list[Dataset]:
    """`insee/filosofi` and `insee/populations`."""
    common: dict[str, Any] = {
        "editeur": "Insee",
        "licence": "lov2",
        "periode_mois": 12,
        "cycle": Cycle.ANNUEL,
        "accumulation": Accumulation.INSTANTANE,
        "cog_year": None,  # re-published on the current COG each year; each row carries its own (geo_millesime)
        "schema": OBSERVATIONS,
        "decoder_version": 1,
        "partitions": partitions,
        # Of the comparison territories only: no answer at all for our own communes is refused by `fetch`.
        "empty_expected": True,
    }
    return [
        Dataset(
            id="insee/filosofi",
            titre="Niveaux de vie et pauvreté (Filosofi, principaux indicateurs)",
            attribution="Insee-DGFiP-Cnaf-Cnav-CCMSA, Fichier localisé social et fiscal (Filosofi)",
            page="https://catalogue-donnees.insee.fr/fr/catalogue/recherche/DS_FILOSOFI_CC",
            periodicite="annuelle",
            delai_mois=31,  # 2021 came out in June 2025, 2023 in mid-2026; 2022 never
            niveaux=("commune", *FILOSOFI.levels),
            absences=(
                "Le taux de pauvreté est couvert par le secret statistique dans les communes de moins de 1 000 "
                "ménages et 2 000 personnes. Le millésime 2022 n'a jamais été publié ; 2023 suit une autre méthode. "
                "Un territoire de comparaison peut manquer."
            ),
            fetch=partial(fetch, FILOSOFI),
            decode=partial(decode, query=FILOSOFI),
            probe=partial(probe, FILOSOFI),
            **common,
        ),
        Dataset(
            id="insee/populations",
            titre="Populations légales (populations de référence)",
            attribution="Insee, recensement de la population, populations de référence",
            page="https://catalogue-donnees.insee.fr/fr/catalogue/recherche/DS_POPULATIONS_REFERENCE",
            periodicite="annuelle",
            delai_mois=24,  # late December, for 1 January three years before
            niveaux=("commune", *POPULATIONS.levels),
            absences=(
                "Aucune population n'est publiée par intercommunalité ni par zone d'emploi : elle est la somme des "
                "communes. Un territoire de comparaison peut manquer."
            ),
            fetch=partial(fetch, POPULATIONS),
            decode=partial(decode, query=POPULATIONS),
            probe=partial(probe, POPULATIONS),
            **common,
        ),
    ]
