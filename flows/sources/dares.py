"""Dares (data.dares.travail-emploi.gouv.fr, Explore): job seekers registered in categories A, B, C, by commune.

Not here: sums above the commune (the warehouse). Averages of the fourth quarter, not seasonally adjusted, by commune
of residence; each number is rounded to 5 by the publisher. Registered job seekers are neither the unemployed of the
labour force survey nor those of the census. From 2025 on, recipients of the RSA are registered by law.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import explore
from flows.sources.decoding import table
from flows.sources.reading import commune_of, number_of, one, text_of, wrong

HOST = "data.dares.travail-emploi.gouv.fr"
SLUG = "dares_defm_communales-brutes"
SELECT = ("date", "code_commune", "commune", "nombre_de_demandeurs_d_emploi")
# Totals only: sex and age are other lines of the same file, and would be counted twice.
TOTALS = 'sexe="Total" and tranche_d_age="Total" and categorie="ABC" and type_de_donnees="Brutes"'

SCHEMA = pa.schema(
    [
        ("date", pa.string()),
        ("code_commune", pa.string()),
        ("commune", pa.string()),
        ("nombre_de_demandeurs_d_emploi", pa.float64()),
    ]
)
_QUARTER = re.compile(r"[0-9]{4}-T[1-4]")


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The count, then the lines of the communes of the territory, every quarter published.

    Raises:
        SourceContentError: an export that is not whole, or empty.
    """
    where = f"{explore.one_of('code_commune', ctx.communes)} and {TOTALS}"
    counted = explore.count(ctx.http, HOST, SLUG, where, "count")
    export = explore.export(ctx.http, HOST, SLUG, select=SELECT, where=where, name="export")
    explore.listed_rows(export, counted)
    yield counted
    yield export


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the dataset."""
    return explore.default_meta(explore.metadata(ctx.http, HOST, SLUG), "modified")


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row a commune and a quarter; job seekers A, B, C, rounded to 5.

    Raises:
        DecodeError: a date that is not a quarter, a doubled commune, unreadable figures.
        SourceContentError: an export that is not whole.
    """
    export = one(pages, "export")
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for record in explore.listed_rows(export, one(pages, "count")):
        code, quarter = commune_of(record.get("code_commune")), str(record.get("date") or "")
        if code is None or not _QUARTER.fullmatch(quarter):
            raise wrong(f"« {quarter} » n'est pas un trimestre, ou la commune manque.", export, str(code))
        value = number_of(record.get("nombre_de_demandeurs_d_emploi"), export, f"{code}, {quarter}")
        if (quarter, code) in rows:
            raise wrong("Une commune est écrite deux fois le même trimestre.", export, f"{code}, {quarter}")
        rows[quarter, code] = {
            "date": quarter,
            "code_commune": code,
            "commune": text_of(record.get("commune")),
            "nombre_de_demandeurs_d_emploi": value,
        }
    return table(SCHEMA, rows.values(), SCHEMA.names)


def datasets(territory: Territory) -> list[Dataset]:
    """`dares/demandeurs_emploi`."""
    return [
        Dataset(
            id="dares/demandeurs_emploi",
            titre="Demandeurs d'emploi inscrits à France Travail (catégories A, B, C), 4e trimestre, par commune",
            editeur="Dares, France Travail",
            licence="lov2",
            attribution="Dares et France Travail, statistique du marché du travail",
            page=f"https://{HOST}/explore/dataset/{SLUG}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=9,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2024,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=decode,
            absences="Chaque nombre est arrondi à 5 par la Dares ; seuls les quatrièmes trimestres sont publiés.",
            probe=probe,
            reserve="Jeu et champs vus dans des projets publics ; à confirmer à la première réception réelle.",
        )
    ]
