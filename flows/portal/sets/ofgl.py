"""OFGL: accounts of groupings, départements and regions, three Explore datasets of one portal.

One record a territory, a year and an aggregate, with the fields that clients of the portal read; the ranking and
context columns of the real bases are left out. Where only the amount per inhabitant is known, `montant` and `ptot`
are null. Not here: queries and answers (`flows.portal.explore`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flows.portal.answers import Ask
from flows.portal.explore_sets import Explored, altered
from flows.portal.figures import View, number, spec

HOST = "data.ofgl.fr"
TABLES = {
    "ofgl__comptes": spec(
        "niveau code nom exer agregat montant ptot euros_par_habitant", "code", "euros_par_habitant montant"
    ),
}
LEVELS = {
    "epci": ("ofgl-base-gfp-consolidee", "epci_code", "epci_name", "Comptes des groupements à fiscalité propre"),
    "departement": ("ofgl-base-departements", "dep_code", "dep_name", "Comptes des départements"),
    "region": ("ofgl-base-regions", "reg_code", "reg_name", "Comptes des régions"),
}


def _reader(niveau: str) -> Callable[[View, bool], list[dict[str, Any]]]:
    _, code, name, _ = LEVELS[niveau]

    def read(view: View, repeat: bool) -> list[dict[str, Any]]:
        return [
            {
                "exer": row["exer"],
                code: row["code"],
                name: row["nom"],
                "type_de_budget": "Budget principal",
                "agregat": row["agregat"],
                "montant": number(row["montant"]),
                "ptot": number(row["ptot"]),
                "euros_par_habitant": number(row["euros_par_habitant"]),
            }
            for row in view.rows("ofgl__comptes", repeat=repeat)
            if row["niveau"] == niveau
        ]

    return read


def _modified(ident: str) -> Callable[[Ask], str]:
    def modified(ask: Ask) -> str:
        moved = altered(ask, HOST, ident, ("records", "exports/json", "exports/csv"))
        return f"{ask.today}T03:00:00+00:00" if moved else "2026-09-15T06:30:00+00:00"

    return modified


def _title(title: str) -> Callable[[Ask], str]:
    return lambda ask: title


EXPLORED = tuple(
    Explored(
        host=HOST,
        ident=ident,
        main=code,
        publisher="OFGL",
        title=_title(title),
        modified=_modified(ident),
        read=_reader(niveau),
        fields={
            "exer": "date",
            code: "text",
            name: "text",
            "type_de_budget": "text",
            "agregat": "text",
            "montant": "double",
            "ptot": "int",
            "euros_par_habitant": "double",
        },
    )
    for niveau, (ident, code, name, title) in LEVELS.items()
)
