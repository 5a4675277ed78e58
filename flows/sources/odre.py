"""ODRÉ: the national register of electricity production and storage, grouped by commune and filière (Explore v2.1).

Not here: choosing renewable filières and saying whether an energy is known, partial or unknown (the warehouse), for
which each group carries its number of lines and of lines with an energy: a sum over absent values is not a total. The
register has no period of its own; its date of state stands in the title of the dataset, and its states add up.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import explore
from flows.sources.decoding import table
from flows.sources.reading import commune_of, named, number_of, one, text_of, whole_of, wrong

HOST = "odre.opendatasoft.com"
SLUG = "registre-national-installation-production-stockage-electricite-agrege"

SCHEMA = pa.schema(
    [
        ("codeinseecommune", pa.string()),
        ("commune", pa.string()),
        ("filiere", pa.string()),
        ("n_lignes", pa.int64()),
        ("n_avec_energie", pa.int64()),
        ("nb_installations", pa.float64()),
        ("puissance_kw", pa.float64()),
        ("energie_injectee_kwh", pa.float64()),
        ("date_etat", pa.date32()),
    ]
)
GROUP_BY = ("codeepci", "codeinseecommune", "commune", "filiere")
SELECT = (
    *GROUP_BY,
    "count(*) as n_lignes",
    "count(energieannuelleglissanteinjectee) as n_avec_energie",
    "sum(nbinstallations) as nb_installations",
    "sum(puismaxinstallee) as puissance_kw",
    "sum(energieannuelleglissanteinjectee) as energie_injectee_kwh",
)
_STATE = re.compile(r"\bau\s+([0-9]{1,2})/([0-9]{2})/([0-9]{4})\b")


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The metadata, then for each EPCI the count of its lines (`count-<siren>`) and the groups (`export-<siren>`).

    Raises:
        SourceContentError: the groups do not add up to the lines counted, or an EPCI has none.
    """
    metadata = explore.metadata(ctx.http, HOST, SLUG)
    state_of(metadata)
    yield metadata
    for epci in ctx.territory.epcis:
        where = f'codeepci="{epci}"'
        counted = explore.count(ctx.http, HOST, SLUG, where, f"count-{epci}")
        export = explore.grouped_export(
            ctx.http, HOST, SLUG, select=SELECT, where=where, group_by=GROUP_BY, name=f"export-{epci}"
        )
        explore.export_rows(export, counted, "n_lignes")
        yield counted
        yield export


def state_of(metadata: Page) -> dt.date:
    """Date of state of the register, read in its title (« … (au 31/07/2026) »).

    Raises:
        DecodeError: the title carries no date, or several.
    """
    title = explore.default_meta(metadata, "title")
    found = set(_STATE.findall(title))
    if len(found) != 1:
        raise wrong(f"Le titre du jeu ne donne pas une date d'état : « {title} ».", metadata)
    day, month, year = found.pop()
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError as error:
        raise wrong(f"La date d'état du titre n'existe pas : « {title} ».", metadata) from error


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Instant of the last change of the dataset."""
    return explore.default_meta(explore.metadata(ctx.http, HOST, SLUG), "modified")


def decode(pages: Sequence[Page], territory: Territory) -> pa.Table:
    """Groups by commune and filière: counts, kW, kWh injected over twelve months (null when no line has any).

    Raises:
        DecodeError: a group of another EPCI, more energies than lines, unreadable figures.
        SourceContentError: an export that is not whole.
    """
    state = state_of(one(pages, "metadata"))
    rows = []
    for epci in territory.epcis:
        export = one(pages, f"export-{epci}")
        for group in explore.export_rows(export, one(pages, f"count-{epci}"), "n_lignes"):
            if text_of(group.get("codeepci")) != epci:
                raise wrong(f"Un groupe de l'EPCI « {group.get('codeepci')} » répond pour {epci}.", export)
            lines = whole_of(group.get("n_lignes"), export, "n_lignes")
            known = whole_of(group.get("n_avec_energie"), export, "n_avec_energie")
            if lines is None or known is None or not 0 <= known <= lines:
                raise wrong(f"Un groupe compte {known} énergies pour {lines} lignes.", export)
            energy = number_of(group.get("energie_injectee_kwh"), export, "energie_injectee_kwh")
            rows.append(
                {
                    "codeinseecommune": commune_of(group.get("codeinseecommune")),
                    "commune": text_of(group.get("commune")),
                    "filiere": text_of(group.get("filiere")),
                    "n_lignes": lines,
                    "n_avec_energie": known,
                    "nb_installations": number_of(group.get("nb_installations"), export, "nb_installations"),
                    "puissance_kw": number_of(group.get("puissance_kw"), export, "puissance_kw"),
                    # Some servers sum nothing to 0: without one known energy the sum is unknown.
                    "energie_injectee_kwh": energy if known else None,
                    "date_etat": state,
                }
            )
    if len(named(pages, "export")) != len(territory.epcis):
        raise wrong("L'édition ne porte pas sur les EPCI du territoire.", pages[0])
    return table(SCHEMA, rows, SCHEMA.names)


def datasets(territory: Territory) -> list[Dataset]:
    """`odre/registre`."""
    return [
        Dataset(
            id="odre/registre",
            titre="Registre national des installations de production et de stockage d'électricité (agrégé)",
            editeur="RTE, Open Data Réseaux Énergies (ODRÉ)",
            licence="lov2",
            attribution="RTE et gestionnaires de réseaux, Open Data Réseaux Énergies (ODRÉ)",
            page=f"https://{HOST}/explore/dataset/{SLUG}/",
            periodicite="mensuelle",
            periode_mois=1,
            delai_mois=2,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.CUMULATIF,  # each monthly state stays: together they make the series
            key=("codeinseecommune", "filiere", "date_etat"),
            niveaux=("commune",),
            cog_year=2025,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory),
            absences=(
                "L'énergie des petites installations (moins de 36 kW), regroupées et confidentielles, est souvent "
                "absente. Une commune sans installation n'a pas de ligne."
            ),
            probe=probe,
        )
    ]
