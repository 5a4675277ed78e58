"""Urssaf: private-sector employees, one wide record a commune, over Explore.

The real table has one record a commune and a detailed activity; the demonstration knows the totals, hence one record
a commune of activity « 0000Z ». Not here: queries and answers (`flows.portal.explore`).
"""

from __future__ import annotations

from typing import Any

from flows.portal.answers import Ask
from flows.portal.explore_sets import Explored, altered
from flows.portal.figures import View, number, spec

TABLES = {
    "urssaf__effectifs": spec("code_commune annee effectifs_salaries", "code_commune", "effectifs_salaries"),
}
HOST = "open.urssaf.fr"
SLUG = "etablissements-et-effectifs-salaries-au-niveau-commune-x-ape-last"
_YEARS = range(2015, 2026)


def _modified(ask: Ask) -> str:
    moved = altered(ask, HOST, SLUG, ("exports/json", "records"))
    return f"{ask.today}T03:00:00+00:00" if moved else "2026-05-29T08:00:00+00:00"


def _records(view: View, repeat: bool) -> list[dict[str, Any]]:
    wide: dict[str, dict[str, Any]] = {}
    for row in view.rows("urssaf__effectifs", repeat=repeat):
        place = view.figures.communes.get(row["code_commune"])
        record = wide.setdefault(
            row["code_commune"],
            {
                "code_commune": row["code_commune"],
                "intitule_commune": f"{row['code_commune']} {place['nom'] if place else ''}".strip(),
                "code_departement": place["code_departement"] if place else row["code_commune"][:2],
                "code_epci": place["code_epci"] if place else None,
                "code_ape": "0000Z",
                **{f"effectifs_salaries_{year}": None for year in _YEARS},
            },
        )
        record[f"effectifs_salaries_{row['annee']}"] = number(row["effectifs_salaries"])
    return list(wide.values())


URSSAF = Explored(
    host=HOST,
    ident=SLUG,
    main="code_commune",
    publisher="Urssaf Caisse nationale",
    title=lambda ask: "Nombre d'établissements employeurs et effectifs salariés du secteur privé, par commune x APE",
    modified=_modified,
    read=_records,
    fields={
        **dict.fromkeys(("code_commune", "intitule_commune", "code_departement", "code_epci", "code_ape"), "text"),
        **dict.fromkeys((f"effectifs_salaries_{year}" for year in _YEARS), "double"),
    },
)
EXPLORED = (URSSAF,)
