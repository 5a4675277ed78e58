"""Hub'Eau, « indicateurs des services » (SISPEA): drinking-water services and their indicators, a paged JSON API.

Not here: weighting and rates of answer (the warehouse). A service covers several communes and is written once, with
its list of communes: it is landed once a commune, so that a territory finds its services. A service that did not
declare a year has no indicator that year: null, never zero. Units are SISPEA's: %, m³, subscribers, m³ a subscriber.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import SourceContentError
from flows.core.words import Accumulation, Cycle
from flows.sources.decoding import table
from flows.sources.reading import carried, commune_of, named, number_of, object_of, text_of, whole_of, wrong

HOST = "hubeau.eaufrance.fr"
URL = f"https://{HOST}/api/v0/indicateurs_services/services"
AT_ONCE = 200  # commune codes that one request accepts
SIZE = 5_000
MAX_PAGES = 4  # the API shows 20,000 rows at most
FIELDS = ("code_service", "nom_service", "codes_commune", "annee", "indicateurs")
# Landed column → code of SISPEA. VP.234: volume produced and bought, the denominator of the yield P104.3.
INDICATORS = {
    "rendement_pct": "P104.3",
    "volume_m3": "VP.234",
    "abonnes": "VP.056",
    "conso_par_abonne_m3": "VP.231",
}
SCHEMA = pa.schema(
    [
        ("code_service", pa.string()),
        ("nom_service", pa.string()),
        ("code_commune", pa.string()),
        ("annee", pa.int64()),
        *((name, pa.float64()) for name in INDICATORS),
    ]
)
_AGAIN = "relancer la nuit suivante ; si cela dure, comparer la réponse à la documentation de Hub'Eau."


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """Every year of the services of the communes known, pages named `services-<group>-<n>`.

    Raises:
        SourceContentError: no commune is known yet, or the rows received are not the count announced.
    """
    communes = sorted(ctx.communes)
    if not communes:
        raise SourceContentError(
            "Aucune commune n'est encore connue : rien à demander.",
            where=URL,
            todo="recevoir d'abord le découpage administratif (geo/communes).",
        )
    for group, start in enumerate(range(0, len(communes), AT_ONCE), start=1):
        asked = [("code_commune", ",".join(communes[start : start + AT_ONCE])), ("type_service", "AEP")]
        asked += [("fields", ",".join(FIELDS)), ("size", str(SIZE))]
        received, due = 0, -1
        for number in range(1, MAX_PAGES + 1):
            params = [*asked, ("page", str(number))]
            page = ctx.http.get(URL, params=params, expect="json", name=f"services-{group}-{number}")
            entries, count = _entries(page)
            if due not in (-1, count):
                raise SourceContentError(
                    f"Le nombre de services annoncé est passé de {due} à {count} pendant la lecture.",
                    where=page.address,
                    todo=_AGAIN,
                )
            due, received = count, received + len(entries)
            yield page
            if received >= due or not entries:
                break
        if received != due:
            raise SourceContentError(
                f"{received} lignes reçues au lieu des {due} annoncées.",
                where=f"{URL}?{urlencode(asked[:1])}",
                todo=_AGAIN,
            )


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Month of the night: the publisher refreshes the API on the first day of each month."""
    return ctx.nuit.isoformat()[:7]


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row a service, a commune it serves and a year.

    A service asked for through several groups of communes comes several times: its rows must agree.

    Raises:
        DecodeError: not that answer, a service without code, year or communes, two values for one key, no service.
    """
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    entries = [entry for page in named(pages, "services") for entry in _entries(page)[0]]
    carried(entries, ("nom_service",), pages[0])
    values_of = [entry["indicateurs"] for entry in entries if isinstance(entry.get("indicateurs"), dict)]
    if not values_of and entries:
        raise wrong("Aucun service n'a d'objet « indicateurs ».", pages[0])
    carried(values_of, tuple(INDICATORS.values()), pages[0])
    for page in named(pages, "services"):
        for entry in _entries(page)[0]:
            code, year = text_of(entry.get("code_service")), whole_of(entry.get("annee"), page, "annee")
            communes, values = entry.get("codes_commune"), entry.get("indicateurs")
            if code is None or year is None or not isinstance(communes, list) or not communes:
                raise wrong("Un service n'a pas de code, d'année ou de communes.", page)
            if values is not None and not isinstance(values, dict):
                raise wrong("Les indicateurs d'un service ne sont pas un objet.", page, code)
            figures = {
                name: number_of((values or {}).get(sispea), page, f"service {code}, {year}, {sispea}")
                for name, sispea in INDICATORS.items()
            }
            for raw in communes:
                commune = commune_of(raw)
                if commune is None:
                    raise wrong("Un service a une commune sans code.", page, code)
                row = {
                    "code_service": code,
                    "nom_service": text_of(entry.get("nom_service")),
                    "code_commune": commune,
                    "annee": year,
                    **figures,
                }
                if found.setdefault((code, commune, year), row) != row:
                    raise wrong("Un service a deux valeurs pour une année.", page, f"{code}, {year}")
    if not found:
        raise wrong("Aucun service d'eau potable dans la réponse.", pages[0])
    return table(SCHEMA, found.values(), SCHEMA.names)


def _entries(page: Page) -> tuple[list[dict[str, Any]], int]:
    answer = object_of(page)
    data, count = answer.get("data"), answer.get("count")
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise wrong("La page n'a pas de liste « data ».", page)
    if not isinstance(count, int) or isinstance(count, bool):
        raise wrong("La page n'annonce pas son nombre de lignes (count).", page)
    return data, count


def datasets(territory: Territory) -> list[Dataset]:
    """`hubeau/services_eau`."""
    return [
        Dataset(
            id="hubeau/services_eau",
            titre="Indicateurs des services publics d'eau potable (SISPEA)",
            editeur="Office français de la biodiversité (OFB), Hub'Eau",
            licence="lov2",
            attribution="OFB, observatoire des services publics d'eau et d'assainissement (SISPEA), via Hub'Eau",
            page=f"https://{HOST}/page/api-indicateurs-services",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=24,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2024,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=decode,
            absences="Un service qui n'a pas déclaré une année n'a pas d'indicateur cette année-là.",
            probe=probe,
            switched_off=(
                "Débranchée : l'adresse et la forme de l'interface Hub'Eau sont connues ; il reste à voir si elle "
                "donne les volumes (VP.234) et les abonnés (VP.056) avec le rendement : sans eux, rien ne se pondère."
            ),
        )
    ]
