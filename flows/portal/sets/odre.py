"""ODRÉ: the production registry, unfolded from one row a (commune, filière) with counts and sums.

`n_lignes` records of the real 51 fields, of which `n_avec_energie` carry an energy, whose sums give the row back
exactly; the split between them is an artefact. Not here: queries and answers (`flows.portal.explore`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flows.portal.answers import Ask
from flows.portal.explore_sets import Explored, altered
from flows.portal.figures import View, number, spec
from flows.portal.geo import DEPARTEMENTS, EPCI, REGIONS

TABLES = {
    "odre__registre": spec(
        "codeinseecommune commune filiere n_lignes n_avec_energie nb_installations puissance_kw "
        "energie_injectee_kwh date_etat",
        "codeinseecommune",
        "puissance_kw energie_injectee_kwh",
    ),
}

_TEXT_FIELDS = (
    "nominstallation codeeicresourceobject codeiris codeinseecommune commune codeepci epci codedepartement "
    "departement coderegion region codeiriscommuneimplantation codeinseecommuneimplantation codes3renr "
    "dateraccordement datederaccordement datemiseenservice datedebutversion postesource tensionraccordement "
    "moderaccordement codefiliere filiere codecombustible combustible codescombustiblessecondaires "
    "combustiblessecondaires codetechnologie technologie typestockage"
)
_NUMBER_FIELDS = (
    "puismaxinstallee puismaxraccharge puismaxcharge puismaxrac puismaxinstalleedischarge nbgroupes nbinstallations "
    "regime energiestockable capacitereservoir hauteurchute productible debitmaximal codegestionnaire gestionnaire "
    "energieannuelleglissanteinjectee energieannuelleglissanteproduite energieannuelleglissantesoutiree "
    "energieannuelleglissantestockee maxpuis datemiseenservice_date"
)
_WORDS = frozenset({"regime", "codegestionnaire", "gestionnaire", "datemiseenservice_date"})
REGISTRY_FIELDS = {
    name: "text" if name in _TEXT_FIELDS.split() or name in _WORDS else "double"
    for name in (*_TEXT_FIELDS.split(), *_NUMBER_FIELDS.split())
}


def _registry(view: View, repeat: bool) -> list[dict[str, Any]]:
    records = []
    for row in view.rows("odre__registre", repeat=repeat):
        place = view.figures.communes.get(row["codeinseecommune"])
        base: dict[str, Any] = dict.fromkeys(REGISTRY_FIELDS)
        base |= {
            "nominstallation": "Confidentiel",
            "codeinseecommune": row["codeinseecommune"],
            "commune": row["commune"],
            "filiere": row["filiere"],
            "regime": "En service",
        }
        if place:
            base |= {
                "codeepci": place["code_epci"],
                "epci": EPCI[place["code_epci"]][0] if place["code_epci"] in EPCI else None,
                "codedepartement": place["code_departement"],
                "departement": DEPARTEMENTS.get(place["code_departement"]),
                "coderegion": place["code_region"],
                "region": REGIONS.get(place["code_region"]),
            }
        lines = max(int(row["n_lignes"] or 1), 1)
        powers = _shares(number(row["puissance_kw"]), lines)
        plants = _shares(number(row["nb_installations"]), lines)
        energies = _shares(number(row["energie_injectee_kwh"]), int(row["n_avec_energie"] or 0))
        for i in range(lines):
            records.append(
                base
                | {
                    "puismaxinstallee": None if powers[i] is None else float(powers[i] or 0.0),
                    "maxpuis": None if powers[i] is None else float(powers[i] or 0.0),
                    "nbinstallations": plants[i],
                    "energieannuelleglissanteinjectee": energies[i] if i < len(energies) else None,
                }
            )
    return records


def _shares(total: float | int | None, parts: int) -> list[float | int | None]:
    """`total` in `parts` whole parts that add up to it exactly: all of it but the whole shares goes to the first."""
    if parts <= 0:
        return []
    if total is None:
        return [None] * parts
    share = int(total // parts)
    first = total - share * (parts - 1)
    return [round(first, 6) if isinstance(first, float) else first, *([share] * (parts - 1))]


def _state(ask: Ask) -> dt.date:
    return max(dt.date.fromisoformat(row["date_etat"]) for row in ask.view.figures.table("odre__registre"))


def _registry_modified(ask: Ask) -> str:
    if altered(ask, ODRE.host, ODRE.ident, ("records", "exports/json", "exports/csv")):
        return f"{ask.today}T03:00:00+00:00"
    return f"{_state(ask) + dt.timedelta(days=12)}T08:15:42+00:00"


ODRE = Explored(
    host="odre.opendatasoft.com",
    ident="registre-national-installation-production-stockage-electricite-agrege",
    main="codeinseecommune",
    publisher="RTE, Enedis, EDF SEI, ELD",
    title=lambda ask: (
        f"Registre national des installations de production et de stockage d'électricité (au {_state(ask):%d/%m/%Y})"
    ),
    modified=_registry_modified,
    read=_registry,
    fields=REGISTRY_FIELDS,
)
EXPLORED = (ODRE,)
