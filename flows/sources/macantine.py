"""Ma cantine: the national register of canteens and the declared campaigns, CSV files through data.gouv.fr.

Not here: rates of declaration and means (the warehouse). The open files give SHARES by canteen, not amounts: the
share of organic purchases, and of other products of the EGAlim law, between 0 and 1. A canteen supplied by a central
kitchen that declares for it has no share of its own. Persons who declared are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import separated, table
from flows.sources.decoding import text_of as text_of_bytes
from flows.sources.reading import commune_of, number_of, one, text_of, whole_of, wrong

CAMPAIGNS = "resultats-de-campagnes-de-teledeclaration-des-cantines"
REGISTER = datagouv.Wanted(dataset="registre-national-des-cantines", title=r"registre", format="csv", expect="csv")
YEARS = 3  # campaigns asked for: the newest one that may be out, and two before
LAG = 2
SCHEMA = pa.schema(
    [
        ("year", pa.int64()),
        ("canteen_id", pa.string()),
        ("canteen_city_insee_code", pa.string()),
        ("teledeclaration_ratio_bio", pa.float64()),
        ("teledeclaration_ratio_egalim_hors_bio", pa.float64()),
    ]
)
REGISTER_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("city_insee_code", pa.string()),
        ("production_type", pa.string()),
        ("yearly_meal_count", pa.int64()),
    ]
)


def wanted(year: str) -> datagouv.Wanted:
    """The file of the campaign on the purchases of one year."""
    return datagouv.Wanted(dataset=CAMPAIGNS, title=rf"donnees {year}\b", format="csv", expect="csv")


def campaigns(ctx: FetchContext) -> list[Partition]:
    """One partition a year of purchases, oldest first; all but the newest are closed."""
    newest = ctx.nuit.year - LAG
    years = range(newest - YEARS + 1, newest + 1)
    return [Partition(str(year), {"annee": str(year)}, closed=year < newest) for year in years]


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The discovery pages, then the national file of the campaign (`data`)."""
    return datagouv.download(ctx.http, wanted(partition.params["annee"]))


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Checksum of the file of the campaign, or its date when none is given."""
    return datagouv.resource(ctx.http, wanted(partition.params["annee"]))[1].token


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a canteen of the département that declared: shares between 0 and 1, null when it has none of its own.

    Raises:
        DecodeError: not that CSV, a missing column, a share that is not one, a canteen twice a year, none at all.
    """
    page = one(pages, "data")
    rows = []
    ratios = SCHEMA.names[3:]
    for number, cells in _lines(page, SCHEMA.names):
        code = commune_of(cells["canteen_city_insee_code"])
        if code is None or not code.startswith(departement):
            continue
        shares = {name: number_of(cells[name] or None, page, f"ligne {number}, {name}") for name in ratios}
        if any(share is not None and not 0 <= share <= 1 for share in shares.values()):
            raise wrong("Une part d'achats n'est pas entre 0 et 1.", page, f"ligne {number}")
        rows.append(
            {
                "year": whole_of(cells["year"], page, f"ligne {number}, year"),
                "canteen_id": text_of(cells["canteen_id"]),
                "canteen_city_insee_code": code,
                **shares,
            }
        )
    _check(rows, ("year", "canteen_id"), departement, page)
    return table(SCHEMA, rows, SCHEMA.names)


def decode_register(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a canteen of the département: its commune, its kind of kitchen, meals a year (null when not said).

    Raises:
        DecodeError: not that CSV, a missing column, unreadable figures, a canteen twice, none at all.
    """
    page = one(pages, "data")
    rows = []
    for number, cells in _lines(page, REGISTER_SCHEMA.names):
        code = commune_of(cells["city_insee_code"])
        if code is None or not code.startswith(departement):
            continue
        rows.append(
            {
                "id": text_of(cells["id"]),
                "city_insee_code": code,
                "production_type": text_of(cells["production_type"]),
                "yearly_meal_count": whole_of(cells["yearly_meal_count"] or None, page, f"ligne {number}, repas"),
            }
        )
    _check(rows, ("id",), departement, page)
    return table(REGISTER_SCHEMA, rows, REGISTER_SCHEMA.names)


def _lines(page: Page, required: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    text = text_of_bytes(page.body, page.address)
    return enumerate(separated(text, where=page.address, required=required), start=2)


def _check(rows: list[dict[str, object]], key: tuple[str, ...], departement: str, page: Page) -> None:
    if not rows:
        raise wrong(f"Aucune cantine du département {departement} dans le fichier.", page)
    keys = {tuple(row[name] for name in key) for row in rows}
    if len(keys) != len(rows) or any(None in found for found in keys):
        raise wrong("Une cantine est écrite deux fois, ou sans identifiant.", page)


def datasets(territory: Territory) -> list[Dataset]:
    """`macantine/registre` and `macantine/teledeclarations`."""
    common: dict[str, Any] = {
        "editeur": "Ministère de l'agriculture, ma cantine",
        "licence": "lov2",
        "attribution": "Ministère de l'agriculture, ma cantine",
        "cycle": Cycle.ANNUEL,
        "accumulation": Accumulation.INSTANTANE,
        "niveaux": ("commune",),
        "cog_year": 2024,
        "decoder_version": 1,
        "periode_mois": 12,
        "brut_public": False,
        "raison_brut_prive": "Le fichier porte le nom des cantines et l'identifiant des personnes qui déclarent.",
        "switched_off": (
            "Débranchée : les jeux de ma cantine et leurs colonnes sont connus, le titre du fichier de chaque "
            "campagne est à confirmer par une première réception."
        ),
    }
    return [
        Dataset(
            id="macantine/registre",
            titre="Registre national des cantines",
            page=f"https://www.data.gouv.fr/datasets/{REGISTER.dataset}/",
            periodicite="quotidienne",
            delai_mois=0,
            schema=REGISTER_SCHEMA,
            partitions=lambda ctx: [Partition("courant")],
            fetch=lambda ctx, partition: datagouv.download(ctx.http, REGISTER),
            decode=lambda pages: decode_register(pages, territory.departement),
            probe=lambda ctx, partition: datagouv.resource(ctx.http, REGISTER)[1].last_modified[:7],
            absences="Une cantine qui ne s'est pas inscrite n'y est pas : une commune peut n'avoir aucune ligne.",
            **common,
        ),
        Dataset(
            id="macantine/teledeclarations",
            titre="Résultats des campagnes de télédéclaration des cantines",
            page=f"https://www.data.gouv.fr/datasets/{CAMPAIGNS}/",
            periodicite="annuelle",
            delai_mois=14,
            schema=SCHEMA,
            partitions=campaigns,
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            probe=probe,
            absences="Une cantine qui n'a pas télédéclaré n'a pas de ligne.",
            **common,
        ),
    ]
