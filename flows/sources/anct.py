"""ANCT: France services places, and places of digital inclusion (La Mednum's national map).

Not here: the number of places per inhabitant, and what an itinerant place serves (the warehouse). Telephones, mails
and opening hours of France services are in the publisher's file but are not decoded; of the digital places only the
columns named here are asked for.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv, tabular
from flows.sources.decoding import csv_rows, table
from flows.sources.decoding import text_of as utf8_of
from flows.sources.reading import commune_of, day_of, number_of, one, text_of, wrong

FRANCE_SERVICES = datagouv.Wanted(
    dataset="liste-des-structures-france-services",
    title=r"liste|france services",
    format="csv",
    expect="csv",
)
# The national map is known by the stable link of its file, not by its dataset.
MEDIATION = "398edc71-0d51-4cb6-9cbe-2540a4db573c"

SERVICES = pa.schema(
    [
        ("id_fs", pa.string()),
        ("insee_dep", pa.string()),
        ("lib_fs", pa.string()),
        ("insee_com", pa.string()),
        ("latitude", pa.float64()),
        ("longitude", pa.float64()),
        ("type_fs", pa.string()),
        ("format_fs", pa.string()),
        ("labellisation_fs", pa.date32()),  # day of the label, read in « Espace labellisé 15/01/2021 »
        ("date_liste", pa.date32()),
    ]
)
PLACES = pa.schema(
    [
        ("id", pa.string()),
        ("code_insee", pa.string()),
        ("nom", pa.string()),
        ("itinerance", pa.string()),
        ("date_maj", pa.date32()),
    ]
)
_SERVICES = tuple(name for name in SERVICES.names if name != "date_liste")
_DAY = re.compile(r"([0-3][0-9])/([01][0-9])/(20[0-9]{2})")
fetch_services, probe_services = datagouv.whole_file(FRANCE_SERVICES)  # about 1 MB


def decode_services(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a France services place of the département, ordered by its identifier; degrees WGS84.

    Raises:
        DecodeError: a missing column, a row of another length, a label without a day, no place in the département.
    """
    page = one(pages, "data")
    listed = day_of(datagouv.described(pages, FRANCE_SERVICES).last_modified, page, "last_modified")
    rows = []
    for line in csv_rows(utf8_of(page.body, page.address), delimiter=",", where=page.address, required=_SERVICES):
        if line["insee_dep"].strip() != departement:
            continue
        where = f"structure {line['id_fs']}"
        day = _DAY.search(line["labellisation_fs"])
        if not day:
            raise wrong(f"« {line['labellisation_fs']} » ne dit pas le jour du label.", page, where)
        rows.append(
            {
                **{name: text_of(line[name]) for name in ("id_fs", "insee_dep", "lib_fs", "type_fs", "format_fs")},
                "insee_com": commune_of(line["insee_com"]),
                "latitude": number_of(line["latitude"], page, where),
                "longitude": number_of(line["longitude"], page, where),
                "labellisation_fs": _date(day, page, where),
                "date_liste": listed,
            }
        )
    if not rows:
        raise wrong(f"Aucune structure du département {departement} dans la liste.", page)
    return table(SERVICES, rows, SERVICES.names)


def _date(found: re.Match[str], page: Page, where: str) -> dt.date:
    try:
        return dt.date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError as error:
        raise wrong(f"« {found[0]} » n'est pas une date.", page, where) from error


def fetch_places(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The places of our communes, 50 a page."""
    return tabular.rows(ctx.http, MEDIATION, PLACES.names, "code_insee", ctx.communes)


def decode_places(pages: Sequence[Page]) -> pa.Table:
    """One row a place of digital inclusion, ordered by its identifier.

    Raises:
        DecodeError: a missing column, another number of rows than announced, a date that is not one.
    """
    rows = []
    for page, line in tabular.read(pages, PLACES.names):
        text = text_of(line["date_maj"])
        try:
            day = dt.date.fromisoformat(text[:10]) if text else None
        except ValueError as error:
            raise wrong(f"« {text} » n'est pas une date.", page, f"lieu {line['id']}") from error
        kept = {name: text_of(line[name]) for name in ("id", "nom", "itinerance")}
        rows.append({**kept, "code_insee": commune_of(line["code_insee"]), "date_maj": day})
    return table(PLACES, rows, PLACES.names)


def datasets(territory: Territory) -> list[Dataset]:
    """`anct/france_services` and `anct/mediation_numerique`."""
    return [
        Dataset(
            id="anct/france_services",
            titre="Structures labellisées France services",
            editeur="Agence nationale de la cohésion des territoires (ANCT)",
            licence="lov2",
            attribution="ANCT, liste des structures France services",
            page=f"https://www.data.gouv.fr/datasets/{FRANCE_SERVICES.dataset}/",
            periodicite="irrégulière",
            periode_mois=0,
            delai_mois=0,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=None,
            schema=SERVICES,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch_services,
            decode=lambda pages: decode_services(pages, territory.departement),
            volatile=("date_liste",),
            absences="Une commune sans structure n'a pas de ligne ; un bus France services est rattaché à son siège.",
            brut_public=False,
            raison_brut_prive="La liste nationale porte des adresses électroniques et des téléphones.",
            probe=probe_services,
            reserve=(
                "Le titre du fichier sur data.gouv.fr reste à confirmer ; ses colonnes sont celles de la liste du "
                "1er août 2024."
            ),
        ),
        Dataset(
            id="anct/mediation_numerique",
            titre="Lieux d'inclusion et de médiation numérique (cartographie nationale)",
            editeur="ANCT et La Mednum",
            licence="lov2",
            attribution="La Mednum et ANCT, cartographie nationale des lieux d'inclusion numérique",
            page=f"https://www.data.gouv.fr/api/1/datasets/r/{MEDIATION}",
            periodicite="quotidienne",
            periode_mois=1,
            delai_mois=1,
            cycle=Cycle.NOCTURNE,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=None,
            schema=PLACES,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch_places,
            decode=decode_places,
            absences=(
                "Un lieu saisi sans code de commune n'est pas reçu. Une commune peut n'avoir aucun lieu référencé."
            ),
            switched_off=(
                "À confirmer avant la mise en service : que le fichier national de La Mednum est toujours à cette "
                "adresse, qu'il est indexé par l'API tabulaire, et l'écriture de ses colonnes."
            ),
        ),
    ]
