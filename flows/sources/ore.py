"""Agence ORE: annual electricity and gas consumption by commune, operator, sector and category (data-fair).

Not here: sums, secrecy and the exclusion of power stations (the warehouse). The national file has 3.4 million rows
and is never downloaded: each year is asked EPCI by EPCI. One row is one group of delivery points as published;
several rows share operator, commune and sector (NAF detail is left out), and a suppressed value is absent, never
zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import SourceContentError
from flows.core.words import Accumulation, Cycle
from flows.sources import datafair
from flows.sources.decoding import table
from flows.sources.reading import commune_of, named, number_of, text_of, whole_of, wrong

HOST = "opendata.agenceore.fr"
SLUG = "consommation-annuelle-d-electricite-et-gaz-par-commune"
OPEN_YEARS = 2  # the newest years are still revised by operators; older ones are asked once

SCHEMA = pa.schema(
    [
        ("annee", pa.int64()),
        ("code_commune", pa.string()),
        ("nom_commune", pa.string()),
        ("code_epci", pa.string()),
        ("operateur", pa.string()),
        ("filiere", pa.string()),
        ("code_grand_secteur", pa.string()),
        ("code_categorie_consommation", pa.string()),
        ("nb_sites", pa.int64()),
        ("conso_totale_mwh", pa.float64()),
        ("nombre_de_mailles_secretisees", pa.int64()),
    ]
)


def years(ctx: FetchContext) -> list[Partition]:
    """One partition a year that the publisher holds for the territory, oldest first; all but the newest two closed.

    Raises:
        SourceContentError: no year, or a value that is not a year (the column changed its meaning).
    """
    page = datafair.values_agg(
        ctx.http, HOST, SLUG, ["annee"], [("code_epci_eq", ctx.territory.epci), ("sort", "key")], "annees"
    )
    found = sorted(value for (value,), _ in datafair.groups(page, 1))
    if not found or not all(len(year) == 4 and year.isascii() and year.isdigit() for year in found):
        raise SourceContentError(
            f"Les années du jeu ne sont pas lisibles : {', '.join(found) or 'aucune'}.",
            where=page.address,
            todo="vérifier le code de l'EPCI et la colonne « annee » dans les métadonnées du jeu.",
        )
    return [
        Partition(year, {"annee": year}, closed=position < len(found) - OPEN_YEARS)
        for position, year in enumerate(found)
    ]


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """Every row of one year for the EPCI of the territory and its neighbours, pages named `lines-<siren>-<n>`.

    Raises:
        SourceContentError: no row at all for an EPCI, or fewer rows than announced.
    """
    for epci in ctx.territory.epcis:
        params = [
            ("code_epci_eq", epci),
            ("annee_eq", str(partition.params["annee"])),
            ("select", ",".join(SCHEMA.names)),
        ]
        for page in datafair.lines(ctx.http, HOST, SLUG, params, f"lines-{epci}"):
            if not datafair.results_of(page):
                raise SourceContentError(
                    f"Aucune ligne pour l'EPCI {epci} en {partition.key}.",
                    where=page.address,
                    todo="vérifier dans le jeu le code de cet EPCI et le nom de la colonne filtrée.",
                )
            yield page


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the data."""
    return datafair.updated_at(datafair.metadata(ctx.http, HOST, SLUG))


def decode(pages: Sequence[Page], territory: Territory) -> pa.Table:
    """Rows of one year; MWh, null when suppressed.

    Raises:
        DecodeError: a row of another EPCI (the filter was not honoured), two years mixed, or unreadable figures.
    """
    rows = []
    seen: set[int | None] = set()
    for page, results in datafair.whole(named(pages, "lines")):
        for result in results:
            epci = text_of(result.get("code_epci"))
            if epci not in territory.epcis:
                raise wrong(f"Une ligne de l'EPCI « {epci} » répond à une demande qui l'excluait.", page)
            annee = whole_of(result.get("annee"), page, "annee")
            seen.add(annee)
            rows.append(
                {
                    "annee": annee,
                    "code_commune": commune_of(result.get("code_commune")),
                    "nom_commune": text_of(result.get("nom_commune")),
                    "code_epci": epci,
                    "operateur": text_of(result.get("operateur")),
                    "filiere": text_of(result.get("filiere")),
                    "code_grand_secteur": text_of(result.get("code_grand_secteur")),
                    "code_categorie_consommation": text_of(result.get("code_categorie_consommation")),
                    "nb_sites": whole_of(result.get("nb_sites"), page, "nb_sites"),
                    "conso_totale_mwh": number_of(result.get("conso_totale_mwh"), page, "conso_totale_mwh"),
                    "nombre_de_mailles_secretisees": whole_of(
                        result.get("nombre_de_mailles_secretisees"), page, "nombre_de_mailles_secretisees"
                    ),
                }
            )
    if len(seen) > 1:
        raise wrong(f"L'édition mêle plusieurs années : {', '.join(sorted(map(str, seen)))}.", pages[0])
    return table(SCHEMA, rows, SCHEMA.names)


def datasets(territory: Territory) -> list[Dataset]:
    """`ore/consommation`."""
    return [
        Dataset(
            id="ore/consommation",
            titre="Consommation annuelle d'électricité et de gaz par commune et par secteur d'activité",
            editeur="Agence ORE",
            licence="lov2",
            attribution="Agence ORE, données des gestionnaires de réseaux d'électricité et de gaz",
            page=f"https://{HOST}/datasets/{SLUG}",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=12,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2024,
            schema=SCHEMA,
            decoder_version=1,
            partitions=years,
            fetch=fetch,
            decode=lambda pages: decode(pages, territory),
            absences=(
                "Une valeur absente avec au moins une maille secrétisée est couverte par le secret (moins de 11 "
                "sites) : le total de la commune est alors un plancher. Une commune sans réseau de gaz n'a pas de "
                "ligne « Gaz »."
            ),
            probe=probe,
        )
    ]
