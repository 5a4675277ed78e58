"""ADEME: how many energy performance certificates of existing dwellings carry each label, by commune (data-fair).

Not here: certificates themselves. They carry addresses, so only counts are asked, by commune and label, and nothing
finer ever reaches our disk. A count is of certificates, not of dwellings; certificates without a located commune or
without a label are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import SourceContentError
from flows.core.words import Accumulation, Cycle
from flows.sources import datafair
from flows.sources.decoding import table
from flows.sources.reading import commune_of, day_of, one, wrong

HOST = "data.ademe.fr"
SLUG = "dpe03existant"

SCHEMA = pa.schema(
    [
        ("code_insee_ban", pa.string()),
        ("etiquette_dpe", pa.string()),
        ("nombre", pa.int64()),
        ("date_etat", pa.date32()),
    ]
)
_FIELDS = ("code_insee_ban", "etiquette_dpe")


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The metadata (date of state) then the counts of the département (`etiquettes`).

    Raises:
        SourceContentError: truncated or empty aggregation.
    """
    metadata = datafair.metadata(ctx.http, HOST, SLUG)
    day_of(datafair.updated_at(metadata), metadata, "dataUpdatedAt")
    departement = ctx.territory.departement
    page = datafair.values_agg(
        ctx.http, HOST, SLUG, _FIELDS, [("qs", f'code_departement_ban:"{departement}"')], "etiquettes"
    )
    if not list(datafair.groups(page, len(_FIELDS))):
        raise SourceContentError(
            f"Aucun diagnostic pour le département {departement}.",
            where=page.address,
            todo="vérifier le nom de la colonne « code_departement_ban » dans les métadonnées du jeu.",
        )
    yield metadata
    yield page


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the data."""
    return datafair.updated_at(datafair.metadata(ctx.http, HOST, SLUG))


def decode(pages: Sequence[Page]) -> pa.Table:
    """Counts by commune and label, each with the date of state of the base.

    Raises:
        DecodeError, SourceContentError: not a whole aggregation, or no date of state.
    """
    metadata, page = one(pages, "metadata"), one(pages, "etiquettes")
    state = day_of(datafair.updated_at(metadata), metadata, "dataUpdatedAt")
    rows = [
        {"code_insee_ban": commune_of(commune), "etiquette_dpe": label, "nombre": number, "date_etat": state}
        for (commune, label), number in datafair.groups(page, len(_FIELDS))
    ]
    if len({(row["code_insee_ban"], row["etiquette_dpe"]) for row in rows}) != len(rows):
        raise wrong("Deux groupes portent la même commune et la même étiquette.", page)
    return table(SCHEMA, rows, SCHEMA.names)


def datasets(territory: Territory) -> list[Dataset]:
    """`ademe_dpe/etiquettes`, one partition: the département of the territory."""
    return [
        Dataset(
            id="ademe_dpe/etiquettes",
            titre="Diagnostics de performance énergétique des logements existants depuis juillet 2021 (comptes)",
            editeur="ADEME",
            licence="lov2",
            attribution="ADEME, observatoire DPE-Audit",
            page=f"https://{HOST}/datasets/{SLUG}",
            periodicite="hebdomadaire",
            periode_mois=1,
            delai_mois=1,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2025,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition(territory.departement.lower())],
            fetch=fetch,
            decode=decode,
            absences=(
                "Les diagnostics dont l'adresse n'est pas rattachée à une commune ne sont pas comptés. Une étiquette "
                "sans diagnostic dans une commune n'a pas de ligne."
            ),
            probe=probe,
        )
    ]
