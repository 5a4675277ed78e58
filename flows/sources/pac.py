"""Organic parcels declared to the common agricultural policy (PAC): one national CSV a campaign (data.gouv.fr).

Not here: shares of the agricultural area (the warehouse). A parcel is counted in the commune where it LIES. The
publisher says that these parcels, certified or in conversion, are 80 to 85 % of the organic area: those without a
request for aid are missing. The commune of a parcel is written since the campaign of 2021.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import separated, table
from flows.sources.decoding import text_of as text_of_bytes
from flows.sources.reading import commune_of, number_of, one, text_of, wrong

DATASET = "parcelles-en-agriculture-biologique-ab-declarees-a-la-pac"
FIRST_YEAR = 2021
LAG = 2  # a campaign is settled after 30 June of the next year, and published later
SCHEMA = pa.schema(
    [
        ("millesime", pa.int64()),
        ("code_commune_insee", pa.string()),
        ("parcelles", pa.int64()),
        ("surface_ha", pa.float64()),
    ]
)
_NEEDED = ("MILLESIME", "SURFACE_HA", "CODE_COMMUNE_INSEE")


def wanted(year: str) -> datagouv.Wanted:
    """The file of one campaign."""
    return datagouv.Wanted(dataset=DATASET, title=rf"\b{year}\b", format="csv", expect="csv")


def campaigns(ctx: FetchContext) -> list[Partition]:
    """One partition a campaign, oldest first; all but the newest are closed."""
    newest = ctx.nuit.year - LAG
    return [
        Partition(str(year), {"annee": str(year)}, closed=year < newest) for year in range(FIRST_YEAR, newest + 1)
    ]


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The discovery pages, then the national file of the campaign (`data`)."""
    return datagouv.download(ctx.http, wanted(partition.params["annee"]))


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Checksum of the file of the campaign, or its date when none is given."""
    return datagouv.resource(ctx.http, wanted(partition.params["annee"]))[1].token


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a commune of the département with organic parcels: their number and their total area, in hectares.

    Raises:
        DecodeError: not that CSV, a missing column, campaigns mixed, a parcel without an area, no parcel at all.
    """
    page = one(pages, "data")
    areas: dict[str, Decimal] = {}
    counts: dict[str, int] = {}
    years: set[str | None] = set()
    text = text_of_bytes(page.body, page.address)
    for number, cells in enumerate(separated(text, where=page.address, required=_NEEDED), start=2):
        years.add(text_of(cells["MILLESIME"]))
        code = commune_of(cells["CODE_COMMUNE_INSEE"])
        if code is None or not code.startswith(departement):
            continue
        area = number_of(cells["SURFACE_HA"], page, f"ligne {number}, SURFACE_HA")
        if area is None or area < 0:
            raise wrong("Une parcelle n'a pas de surface, ou une surface négative.", page, f"ligne {number}")
        # Exact sums: thousands of binary floats added in another order would give another fingerprint.
        areas[code] = areas.get(code, Decimal(0)) + Decimal(repr(area))
        counts[code] = counts.get(code, 0) + 1
    if not areas:
        raise wrong(f"Aucune parcelle du département {departement} dans le fichier.", page)
    year = next(iter(years)) or ""
    if len(years) != 1 or not year.isdigit():
        raise wrong(f"Le fichier mêle plusieurs campagnes : {', '.join(sorted(map(str, years)))}.", page)
    rows = [
        {"millesime": int(year), "code_commune_insee": code, "parcelles": counts[code], "surface_ha": float(area)}
        for code, area in areas.items()
    ]
    return table(SCHEMA, rows, SCHEMA.names)


def datasets(territory: Territory) -> list[Dataset]:
    """`pac/parcelles_bio`."""
    return [
        Dataset(
            id="pac/parcelles_bio",
            titre="Parcelles en agriculture biologique déclarées à la PAC",
            editeur="Agence Bio, d'après l'Agence de services et de paiement (ASP)",
            licence="lov2",
            attribution="Agence Bio et ASP, parcelles en agriculture biologique déclarées à la PAC",
            page=f"https://www.data.gouv.fr/datasets/{DATASET}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=18,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2024,
            schema=SCHEMA,
            decoder_version=1,
            partitions=campaigns,
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences=(
                "Une commune sans parcelle biologique déclarée n'a pas de ligne. Les parcelles sans demande d'aide "
                "(15 à 20 % des surfaces biologiques) manquent."
            ),
            probe=probe,
            switched_off=(
                "Débranchée : les colonnes sont documentées, mais ni le format des fichiers de chaque campagne (CSV, "
                "GeoPackage, archive) ni leur titre n'ont été vus ; à confirmer par une première réception."
            ),
        )
    ]
