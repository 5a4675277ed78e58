"""Géorisques: major risks recorded by commune in the national base GASPAR (paged JSON API).

Not here: which risks make a family, and how many a commune has (the warehouse). A risk that is recorded says that the
State informs about it in that commune; it measures neither its severity nor the population exposed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import SourceContentError
from flows.core.words import Accumulation, Cycle
from flows.sources.decoding import table
from flows.sources.reading import carried, commune_of, named, object_of, text_of, wrong

HOST = "georisques.gouv.fr"
URL = f"https://{HOST}/api/v1/gaspar/risques"
AT_ONCE = 10  # commune codes that one request accepts
SCHEMA = pa.schema(
    [
        ("code_insee", pa.string()),
        ("libelle_commune", pa.string()),
        ("num_risque", pa.string()),
        ("libelle_risque_long", pa.string()),
        ("zone_sismicite", pa.string()),
        ("date_etat", pa.date32()),
    ]
)


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """Pages of ten communes each, named `risques-<n>`.

    Raises:
        SourceContentError: no commune is known yet, or an answer announces more than it carries.
    """
    communes = sorted(ctx.communes)
    if not communes:
        raise SourceContentError(
            "Aucune commune n'est encore connue : rien à demander.",
            where=URL,
            todo="recevoir d'abord le découpage administratif (geo/communes).",
        )
    for start in range(0, len(communes), AT_ONCE):
        asked = communes[start : start + AT_ONCE]
        params = [("code_insee", ",".join(asked)), ("page", "1"), ("page_size", str(AT_ONCE))]
        page = ctx.http.get(URL, params=params, expect="json", name=f"risques-{start // AT_ONCE + 1}")
        _entries(page)
        yield page


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Month of the night: the base gives no date of change, and once a month is enough to follow it."""
    return ctx.nuit.isoformat()[:7]


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row a commune and a risk; a commune that the base knows without any risk has one row without a risk.

    `date_etat` is the day that the answer says it was last modified (HTTP), null when it does not say.

    Raises:
        DecodeError: not that answer, a commune twice, no commune at all.
        SourceContentError: an answer that announces another number of communes than it carries.
    """
    rows = []
    seen: set[str | None] = set()
    for page in named(pages, "risques"):
        state = _day(page)
        carried(_entries(page), ("libelle_commune", "risques_detail"), page)
        details = [entry.get("risques_detail") for entry in _entries(page)]
        carried(
            [risk for listed in details if isinstance(listed, list) for risk in listed if isinstance(risk, dict)],
            ("num_risque", "zone_sismicite"),
            page,
        )
        for entry in _entries(page):
            code = commune_of(entry.get("code_insee"))
            if code is None or code in seen:
                raise wrong(f"La commune « {code} » est écrite deux fois, ou sans code.", page)
            seen.add(code)
            commune = {"code_insee": code, "libelle_commune": text_of(entry.get("libelle_commune"))}
            risks = entry.get("risques_detail")
            if not isinstance(risks, list) or not all(isinstance(risk, dict) for risk in risks):
                raise wrong("Une commune n'a pas de liste « risques_detail ».", page, code)
            for risk in risks or [{}]:
                label = text_of(risk.get("libelle_risque_long"))
                if risks and label is None:
                    raise wrong("Un risque n'a pas de libellé.", page, code)
                rows.append(
                    {
                        **commune,
                        "num_risque": text_of(risk.get("num_risque")),
                        "libelle_risque_long": label,
                        "zone_sismicite": text_of(risk.get("zone_sismicite")),
                        "date_etat": state,
                    }
                )
    if not rows:
        raise wrong("Aucune commune dans la réponse.", pages[0])
    return table(SCHEMA, rows, SCHEMA.names)


def _day(page: Page) -> dt.date | None:
    if not page.last_modified:
        return None
    try:
        return parsedate_to_datetime(page.last_modified).date()
    except ValueError as error:
        raise wrong(f"« {page.last_modified} » n'est pas une date HTTP.", page) from error


def _entries(page: Page) -> list[dict[str, object]]:
    answer = object_of(page)
    data = answer.get("data")
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise wrong("La page n'a pas de liste « data ».", page)
    if answer.get("results") != len(data):
        raise SourceContentError(
            f"La réponse porte {len(data)} communes au lieu des {answer.get('results')} annoncées.",
            where=page.address,
            todo="relancer la nuit suivante ; si cela dure, demander moins de communes à la fois.",
        )
    return data


def datasets(territory: Territory) -> list[Dataset]:
    """`georisques/risques`."""
    return [
        Dataset(
            id="georisques/risques",
            titre="Risques majeurs recensés par commune (base GASPAR)",
            editeur="Ministère de la transition écologique, Géorisques",
            licence="lov2",
            attribution="Ministère de la transition écologique, base GASPAR, Géorisques",
            page="https://www.georisques.gouv.fr/donnees/bases-de-donnees/base-gaspar",
            periodicite="continue",
            periode_mois=12,
            delai_mois=6,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2024,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=decode,
            probe=probe,
            absences="Une commune sans risque recensé n'est pas pour autant sans risque.",
            switched_off=(
                "Débranchée : l'adresse et la forme de l'interface Géorisques sont connues, à confirmer par une "
                "première réception."
            ),
        )
    ]
