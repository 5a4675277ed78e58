"""Which function carries which table over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.demonstration.carry import geography, insee, others
from tests.demonstration.carry.sets import collected

CARRIERS: dict[str, Callable[[Path], Iterable[Mapping[str, Any]]]] = {
    "ademe_dpe__etiquettes": others.dpe,
    "cerema__consommation_enaf": others.cerema,
    "drees__apl_generalistes": others.apl,
    "geo__communes": geography.communes,
    "geo__contours": geography.contours,
    "ges__inventaire_communal": others.ges,
    "insee__chomage_departement": insee.chomage_departement,
    "insee__chomage_ze": insee.chomage_ze,
    "insee__comparateur": insee.comparateur,
    "insee__filosofi": insee.filosofi,
    "insee__filosofi_fichiers": insee.filosofi_fichiers,
    "insee__populations": insee.populations,
    "irve__points": others.irve,
    "odre__registre": others.odre,
    "ore__consommation": others.ore,
    **collected("CARRIERS"),
}
