"""SIMULATED organic parcels declared to the PAC, one CSV a campaign behind data.gouv.fr.

Columns are those that the publisher documents; the separator, the titles and the identifiers of the files are
reconstructed. No figure is real: a few parcels a commune, drawn from a fixed seed. Not here: discovery.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from decimal import ROUND_DOWN, Decimal

from flows.portal.datagouv_files import File
from flows.portal.figures import Figures, Row, View, spec
from flows.portal.payloads import Cell, Csv, words

YEARS = ("2021", "2022", "2023", "2024")
HEADER = words(
    "MILLESIME CODE_CULTU LBL_CULTU GRP_CULTU SURFACE_HA CODE_COMMUNE_INSEE LBL_COMMUNE CODE_EPCI CODE_DEPARTEMENT "
    "CODE_REGION"
)
_CROPS = (("PPH", "Prairie permanente", "Prairies"), ("BTH", "Blé tendre d'hiver", "Céréales"))


def simulated(figures: Figures) -> Sequence[Row]:
    """Organic parcels of a commune by campaign: most communes have some, a few hectares each, slowly growing."""
    rows = []
    for code in figures.communes:
        draw = random.Random(f"observatoire-2044/pac__parcelles_bio/{code}")
        parcels = [(draw.uniform(0.8, 9.0), draw.choice(YEARS[:1] * 3 + YEARS)) for _ in range(draw.randrange(6))]
        for year in YEARS:
            areas = [area for area, first in parcels if first <= year]
            if areas:
                row = {"millesime": year, "code_commune_insee": code, "parcelles": str(len(areas))}
                rows.append({**row, "surface_ha": f"{sum(areas):.2f}"})
    return rows


TABLES = {
    "pac__parcelles_bio": spec(
        "millesime code_commune_insee parcelles surface_ha", "code_commune_insee", "surface_ha", simulate=simulated
    ),
}


def parcels(year: str) -> Callable[[View], Csv]:
    """The file of one campaign, one row a parcel: equal parts, to the hundredth, of the commune's area."""

    def payload(view: View) -> Csv:
        lines: list[list[Cell]] = []
        for row in view.rows("pac__parcelles_bio"):
            if row["millesime"] != year:
                continue
            place = view.figures.communes.get(row["code_commune_insee"], {})
            where = [place.get(name, "") for name in ("nom", "code_epci", "code_departement", "code_region")]
            count, total = int(row["parcelles"]), Decimal(row["surface_ha"])
            share = (total / count).quantize(Decimal("0.01"), ROUND_DOWN)
            for rank in range(count):
                area = total - share * (count - 1) if rank == 0 else share
                lines.append([year, *_CROPS[rank % len(_CROPS)], str(area), row["code_commune_insee"], *where])
        return Csv(HEADER, lines, delimiter=";")

    return payload


FILES = tuple(
    File(
        dataset="616d6531c2951bbe8bd97771",
        slug="parcelles-en-agriculture-biologique-ab-declarees-a-la-pac",
        dataset_title="Parcelles en Agriculture Biologique (AB) déclarées à la PAC",
        organisation="Agence Bio",
        licence="lov2",
        frequency="annual",
        resource=f"9a4c1b7e-{year}-4d2f-8e63-5b0f7c9d1a2e",
        title=f"Parcelles en agriculture biologique {year}",
        name=f"parcelles-ab-{year}.csv",
        modified=f"{int(year) + 1}-12-10T10:00:00",
        main="SURFACE_HA",
        payload=parcels(year),
    )
    for year in YEARS
)
