"""Acceslibre: establishments open to the public whose accessibility is described, in our communes.

Only the commune, the activity and three questions on the entrance are asked for: neither names, nor addresses, nor
telephones come in. Not here: which activities are public services and what « described » means (the warehouse).
The base is contributive: an establishment that nobody described is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv, tabular
from flows.sources.decoding import table
from flows.sources.reading import commune_of, text_of, whole_of, wrong

WANTED = datagouv.Wanted(
    dataset="accessibilite-des-etablissements-recevant-du-public-erp-pour-les-personnes-en-situation-de-handicap",
    title=r"^acceslibre(\.csv)?$",
    format="csv",
    expect="csv",
)
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("code_insee", pa.string()),
        ("activite", pa.string()),
        ("entree_plain_pied", pa.bool_()),
        ("entree_marches", pa.int64()),
        ("entree_largeur_mini", pa.int64()),
    ]
)
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The discovery pages, then the establishments of our communes, 50 a page."""
    pages, chosen = datagouv.resource(ctx.http, WANTED)
    yield from pages
    yield from tabular.rows(ctx.http, chosen.id, SCHEMA.names, "code_insee", ctx.communes)


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Checksum of the file, or its date when none is given: some sixty pages are asked only when it moved."""
    return datagouv.resource(ctx.http, WANTED)[1].token


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row an establishment, ordered by its identifier; null where the question was not answered.

    Raises:
        DecodeError: a missing column, another number of rows than announced, an answer that is neither yes nor no.
    """
    rows = [
        {
            "id": text_of(line["id"]),
            "code_insee": commune_of(line["code_insee"]),
            "activite": text_of(line["activite"]),
            "entree_plain_pied": _yes(line["entree_plain_pied"], page),
            "entree_marches": whole_of(line["entree_marches"], page, "entree_marches"),
            "entree_largeur_mini": whole_of(line["entree_largeur_mini"], page, "entree_largeur_mini"),
        }
        for page, line in tabular.read(pages, SCHEMA.names)
    ]
    return table(SCHEMA, rows, SCHEMA.names)


def _yes(value: Any, page: Page) -> bool | None:
    text = text_of(value)
    if text is None:
        return None
    if text.lower() not in _TRUTH:
        raise wrong(f"« {text} » n'est ni vrai ni faux.", page, "entree_plain_pied")
    return _TRUTH[text.lower()]


def datasets(territory: Territory) -> list[Dataset]:
    """`acceslibre/erp`."""
    return [
        Dataset(
            id="acceslibre/erp",
            titre="Accessibilité des établissements recevant du public (Acceslibre)",
            editeur="Délégation ministérielle à l'accessibilité (Acceslibre)",
            licence="lov2",
            attribution="Acceslibre, base contributive de l'accessibilité des établissements recevant du public",
            page=f"https://www.data.gouv.fr/datasets/{WANTED.dataset}/",
            periodicite="hebdomadaire",
            periode_mois=1,
            delai_mois=1,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=decode,
            absences=(
                "Un établissement que personne n'a décrit n'est pas dans la base. Une commune peut n'en avoir aucun."
            ),
            probe=probe,
            switched_off=(
                "À confirmer avant la mise en service : l'adresse du jeu Acceslibre sur data.gouv.fr, le titre de "
                "son fichier, et que l'API tabulaire l'indexe."
            ),
        )
    ]
