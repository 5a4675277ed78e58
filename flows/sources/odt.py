"""Observatoire des territoires (ANCT): young people neither in employment nor in education, from the census.

Not here: the years that may be compared and the meaning of a missing share (the warehouse). The observatory's
interactive map gives one CSV a level: `codgeo;libgeo;an;part_non_inseres`, with a BOM, CRLF, a decimal comma; only
shares, never counts, so that nothing can be recomputed. The shape is that of files kept from the site; the address
is that of other indicators of the same map, and the name of this one was read in a single program: switched off
until someone opens it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import SourceContentError
from flows.core.words import Accumulation, Cycle
from flows.sources.decoding import csv_rows, fail, table, text_of

ADDRESS = (
    "https://www.observatoire-des-territoires.gouv.fr/outils/cartographie-interactive/api/v1/functions/"
    "GC_API_download.php"
)
FIGURE = "part_non_inseres"
SET = "insee_rp_hist_xxxx"
_COG = "2025"  # the map names its levels after the year of their geography: `com2025`
LEVELS = {"communes": f"com{_COG}", "epci": f"epci{_COG}", "departements": "dep", "regions": "reg"}
_NAMED = {f"com{_COG}": "COM", f"epci{_COG}": "EPCI", "dep": "DEP", "reg": "REG"}

SCHEMA = pa.schema(
    [
        ("niveau", pa.string()),
        ("codgeo", pa.string()),
        ("libgeo", pa.string()),
        ("an", pa.int64()),
        ("valeur_brute", pa.string()),
    ]
)
_OFF = (
    "Adresse à confirmer : celle de la carte interactive est connue, mais le nom du jeu (insee_rp_hist_xxxx) et ceux "
    "des niveaux n'ont été lus que dans un programme tiers. Télécharger l'indicateur une fois, puis brancher."
)


def datasets(territory: Territory) -> list[Dataset]:
    """`odt/non_inseres`."""
    return [
        Dataset(
            id="odt/non_inseres",
            titre="Part des 15-24 ans ni en emploi ni en formation (recensement)",
            editeur="Observatoire des territoires (ANCT)",
            licence="lov2",
            attribution="Observatoire des territoires (ANCT), d'après l'Insee, recensement de la population",
            page="https://www.observatoire-des-territoires.gouv.fr/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=36,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune", "epci", "departement", "region"),
            cog_year=int(_COG),
            schema=SCHEMA,
            decoder_version=1,
            partitions=_partitions,
            fetch=_fetch,
            decode=partial(decode, territory=territory),
            absences=(
                "Des parts sans effectifs : rien ne se recalcule. Les communes et les intercommunalités n'ont que "
                "trois millésimes, de cinq en cinq ans ; la France n'a aucune ligne."
            ),
            switched_off=_OFF,
        )
    ]


def _partitions(ctx: FetchContext) -> Iterable[Partition]:
    return [Partition(key, {"nivgeo": level}) for key, level in LEVELS.items()]


def _fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    asked = {"type": "stat", "nivgeo": partition.params["nivgeo"], "dataset": SET, "indic": FIGURE, "format": "csv"}
    page = ctx.http.get(ADDRESS, params=asked, expect="csv", name="donnees")
    if FIGURE.encode() not in page.body[:500]:
        raise SourceContentError(
            f"L'Observatoire des territoires ne rend pas l'indicateur {FIGURE}.",
            where=page.address,
            todo="chercher l'indicateur dans la carte interactive et corriger son nom dans flows/sources/odt.py.",
        )
    yield page


def decode(pages: Sequence[Page], territory: Territory) -> pa.Table:
    """Shares as written (`valeur_brute`), of communes of the département, the EPCI compared, all levels above.

    Raises:
        DecodeError: an address without level, a missing column, a year that is not one, none of our territories.
    """
    rows = []
    for page in pages:
        level = _NAMED.get("".join(parse_qs(urlsplit(page.address).query).get("nivgeo", [])))
        if level is None:
            fail("L'adresse ne dit pas quel niveau géographique a été demandé.", page.address)
        lines = csv_rows(
            text_of(page.body, page.address),
            delimiter=";",
            where=page.address,
            required=("codgeo", "libgeo", "an", FIGURE),
        )
        kept = [line for line in lines if _ours(level, line["codgeo"].strip(), territory)]
        if not kept:
            fail(f"Aucun de nos territoires au niveau {level}.", page.address)
        for line in kept:
            year = line["an"].strip()
            if not (year.isdigit() and len(year) == 4):
                fail(f"L'année « {year} » de {line['codgeo']} n'en est pas une.", page.address)
            rows.append(
                {
                    "niveau": level,
                    "codgeo": line["codgeo"].strip(),
                    "libgeo": line["libgeo"].strip(),
                    "an": int(year),
                    "valeur_brute": line[FIGURE].strip(),
                }
            )
    return table(SCHEMA, rows, ("niveau", "codgeo", "an"))


def _ours(level: str, code: str, territory: Territory) -> bool:
    if level == "COM":
        return code.startswith(territory.departement)
    return level != "EPCI" or code in territory.epcis_compares
