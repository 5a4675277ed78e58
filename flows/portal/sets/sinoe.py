"""SIMULATED waste collected by authority and year (SINOE), a data-fair dataset of the ADEME portal.

The identifier and the keys are those of third-party clients; titles are reconstructed. No figure is real: one
authority for each EPCI of the demonstration (a syndicate for the first), every second year, drawn from a fixed seed.
Not here: queries and answers (`flows.portal.datafair`).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from flows.portal.datafair_sets import Fair, Records, columns
from flows.portal.figures import Figures, Row, View, number, spec
from flows.portal.geo import EPCI

YEARS = ("2015", "2017", "2019", "2021", "2023")
RATIOS = ("ratio_dma", "ratio_omr", "ratio_ejm", "ratio_verre", "ratio_bio")


def simulated(figures: Figures) -> Sequence[Row]:
    """One row an authority and a year, kg per inhabitant."""
    rows = []
    area = next(iter(figures.communes.values()))["code_departement"]
    for rank, (siren, (name, *_)) in enumerate(sorted(EPCI.items())):
        draw = random.Random(f"observatoire-2044/sinoe__collecte/{siren}")
        total, residual = draw.uniform(560, 640), draw.uniform(215, 260)
        for place, year in enumerate(YEARS):
            rows.append(
                {
                    "annee": year,
                    "n_acteur": "SIAVED" if rank == 0 else name,
                    "c_dept": area,
                    "l_typologie": "Mixte urbain",
                    "ratio_dma": f"{total - 4 * place + draw.uniform(-6, 6):.1f}",
                    "ratio_omr": f"{residual - 5 * place + draw.uniform(-3, 3):.1f}",
                    "ratio_ejm": f"{48 + place + draw.uniform(-1, 1):.1f}",
                    "ratio_verre": f"{30 + 0.5 * place + draw.uniform(-1, 1):.1f}",
                    "ratio_bio": f"{20 + 3 * place + draw.uniform(-2, 2):.1f}",
                }
            )
    return rows


TABLES = {
    "sinoe__collecte": spec(
        f"annee n_acteur c_dept l_typologie {' '.join(RATIOS)}", "n_acteur", "ratio_dma", simulate=simulated
    ),
}
_SCHEMA = columns("""
annee|integer|ANNEE
n_acteur|string|N_ACTEUR
c_dept|string|C_DEPT
l_typologie|string|L_TYPOLOGIE
ratio_dma|number|RATIO_DMA
ratio_omr|number|RATIO_OMR
ratio_ejm|number|RATIO_EJM
ratio_verre|number|RATIO_VERRE
ratio_bio|number|RATIO_BIO
""")


def _read(view: View, repeat: bool) -> Records:
    records: Records = []
    for row in view.rows("sinoe__collecte", repeat=repeat):
        record: dict[str, Any] = {name: row[name] for name in ("n_acteur", "c_dept", "l_typologie")}
        record |= {"annee": int(row["annee"]), **{name: number(row[name]) for name in RATIOS}}
        records.append((record, 1))
    return records


SINOE = Fair(
    host="data.ademe.fr",
    slug="sinoe-flux-de-collecte-des-dma",
    ident="rsqxbwsxhk-ngmmu5fcasf5t",
    title="SINOE : flux de déchets ménagers et assimilés collectés",
    main="n_acteur",
    table="sinoe__collecte",
    schema=_SCHEMA,
    read=_read,
    modified="2025-11-20",
    bbox=(3.1, 50.2, 3.8, 50.6),
)
FAIRS = (SINOE,)
