"""Insee, civil registration: births and deaths of a year by place of residence, through the Melodi API.

Not here: the protocol (melodi.py), rates, and what is expected of deaths (the warehouse). Events are counted at home:
a birth at the mother's, a death at the deceased's, so that a commune with a hospital does not count its neighbours.
Every year since 2008 is published at once on the communes of the day. `obs_status` says A (normal), W (holds what
another commune gave), K (held by another commune) or M (missing): K and M have no figure, which is not zero.

The measures LVB and DTH and these statuses were read in several public programs and in the recorded catalogue (the
dataset of daily deaths uses DTH), never in a recorded answer: each dataset says so in `reserve`.
"""

from __future__ import annotations

from functools import partial

from flows.core.datasets import Dataset, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources.melodi import OBSERVATIONS, Query, decode, fetch, partitions, probe

_LEVELS = (
    "epci", "arrondissement", "zone_emploi", "departement", "region", "france_metropolitaine", "france",
)  # fmt: skip
NAISSANCES = Query("DS_ETAT_CIVIL_NAIS_COMMUNES", "EC_MEASURE", ("LVB",), _LEVELS)
DECES = Query("DS_ETAT_CIVIL_DECES_COMMUNES", "EC_MEASURE", ("DTH",), _LEVELS)


def datasets(territory: Territory) -> list[Dataset]:
    """`insee/naissances` and `insee/deces`."""
    return [
        _dataset("naissances", "Naissances vivantes par commune de domicile de la mère", NAISSANCES),
        _dataset("deces", "Décès par commune de domicile", DECES),
    ]


def _dataset(name: str, titre: str, query: Query) -> Dataset:
    return Dataset(
        id=f"insee/{name}",
        titre=titre,
        editeur="Insee",
        licence="lov2",
        attribution="Insee, statistiques de l’état civil",
        page=f"https://catalogue-donnees.insee.fr/fr/catalogue/recherche/{query.dataset}",
        periodicite="annuelle",
        periode_mois=12,
        delai_mois=11,  # 2024 came out on 21 November 2025, 2025 in the autumn of 2026
        cycle=Cycle.ANNUEL,
        accumulation=Accumulation.INSTANTANE,
        niveaux=("commune", *query.levels),
        cog_year=None,  # re-published on the current COG each year; each row carries its own (geo_millesime)
        schema=OBSERVATIONS,
        decoder_version=1,
        partitions=partitions,
        fetch=partial(fetch, query),
        decode=partial(decode, query=query),
        probe=partial(probe, query),
        # Of the comparison territories only: no answer at all for our own communes is refused by `fetch`.
        empty_expected=True,
        absences="Un territoire de comparaison peut manquer. Les sommes sont faites sur les communes d’aujourd’hui.",
        reserve=(
            "La mesure et les statuts de ce jeu Melodi sont ceux que plusieurs programmes publics lisent dans le "
            "fichier de l’Insee ; aucune réponse n’en a été enregistrée ici."
        ),
    )
