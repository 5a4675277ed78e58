"""Atmo France: yearly emissions by sector, of the region (Atmo Data v2) and of the EPCI (public GeoServer).

Not here: the daily indices and the login (atmo.py); what a sector is called and what enters a total (the warehouse).
Sectors are those of the climate plans (`code_pcaet`): 5 farming, 6 road, 7 other transport, 34 homes and services,
219 industry, energy and waste together. Greenhouse gases in tonnes of CO2 equivalent a year, pollutants in tonnes.
Neither answer says which year was inventoried: only `date_maj`, the date of its last change, which is what is landed.

The region's answer was seen; the EPCI layer of the GeoServer is known by its name only: it is read behind the same
columns, switched off until its fields are confirmed. An Atmo Hauts-de-France ArcGIS service of emissions may exist,
its name was never seen: nothing is asked of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import atmo
from flows.sources.decoding import csv_rows, require, table
from flows.sources.decoding import text_of as utf8_of
from flows.sources.reading import number_of, object_of, one, text_of, wrong

INVENTORY = atmo.BASE + "/api/v2/data/inventaires/emissions"
GEOSERVER = "https://data.atmo-france.org/geoserver/ows"
LAYER = "emissions:emissions_epci"
SECTORS = ("5", "6", "7", "34", "219")

_FIGURES = ("ges", "nox", "pm10", "pm25")
_WIRE = ("code", "name", "code_pcaet", "date_maj", *_FIGURES)
SCHEMA = pa.schema(
    [
        ("code", pa.string()),
        ("name", pa.string()),
        ("code_pcaet", pa.string()),
        *((name, pa.float64()) for name in _FIGURES),
        ("date_maj", pa.date32()),
    ]
)


def fetch_regions(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The inventory of every region, one CSV of a few dozen lines."""
    params = [("format", "csv"), ("secteur", ",".join(SECTORS))]
    yield atmo.ask(ctx, INVENTORY, params, name="data")


def fetch_epci(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The features of the EPCI of the territory and of its neighbours, in one GeoJSON answer."""
    codes = ",".join(f"'{code}'" for code in ctx.territory.epcis)
    params = [
        ("service", "WFS"),
        ("version", "2.0.0"),
        ("request", "GetFeature"),
        ("typeNames", LAYER),
        ("outputFormat", "application/json"),
        ("CQL_FILTER", f"code IN ({codes})"),
    ]
    yield ctx.http.get(GEOSERVER, params=params, expect="geojson", name="data")


def decode_regions(pages: Sequence[Page], region: str) -> pa.Table:
    """One row a sector of the region.

    Raises:
        DecodeError: a missing column, an unknown or missing sector, an unreadable figure or date, no line of
            the region.
    """
    page = one(pages, "data")
    lines = csv_rows(utf8_of(page.body, page.address), delimiter=",", where=page.address, required=_WIRE)
    # Codes that lost their leading zero on the way (Martinique « 2 ») are still never taken for another region.
    rows = [_row(line, page) for line in lines if line["code"].strip().zfill(2) == region]
    if not rows:
        raise wrong(f"La région {region} n'est pas dans l'inventaire.", page)
    return _whole(rows, page)


def decode_epci(pages: Sequence[Page], epcis: Sequence[str]) -> pa.Table:
    """One row an EPCI and a sector; none when the layer knows none of the EPCI asked.

    Raises:
        DecodeError: fewer features than announced, a missing property, a code never asked, an unknown or missing
            sector, an unreadable figure or date.
    """
    page = one(pages, "data")
    answer = object_of(page)
    features = answer.get("features")
    if not isinstance(features, list):
        raise wrong("La réponse n'a pas de liste « features ».", page)
    due = answer.get("numberMatched", answer.get("totalFeatures"))
    if isinstance(due, int) and due != len(features):
        raise wrong(f"{len(features)} objets reçus au lieu des {due} annoncés.", page)
    rows = []
    for feature in features:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            raise wrong("Un objet de la réponse n'a pas de propriétés.", page)
        require(properties, _WIRE, page.address)
        rows.append(_row(properties, page))
        if rows[-1]["code"] not in epcis:
            raise wrong(f"L'EPCI « {rows[-1]['code']} » n'a pas été demandé.", page)
    return _whole(rows, page)


def _row(cells: Mapping[str, Any], page: Page) -> dict[str, Any]:
    where = f"{cells['code']}, secteur {cells['code_pcaet']}"
    sector = text_of(cells["code_pcaet"])
    if sector not in SECTORS:
        raise wrong(f"Le secteur « {sector} » n'est pas l'un des cinq attendus.", page, where)
    stamp = str(cells["date_maj"] or "")
    day = atmo.parse_date(stamp)
    if day is None:
        raise wrong(f"La date de mise à jour « {stamp} » est illisible.", page, where)
    return {
        "code": text_of(cells["code"]),
        "name": text_of(cells["name"]),
        "code_pcaet": sector,
        **{name: number_of(cells[name], page, f"{where}, {name}") for name in _FIGURES},
        "date_maj": day,
    }


def _whole(rows: list[dict[str, Any]], page: Page) -> pa.Table:
    """Each territory with its five sectors, each once: a total that lacks one would pass for a fall."""
    keys = [(row["code"], row["code_pcaet"]) for row in rows]
    for code in sorted({code for code, _ in keys}):
        found = sorted(sector for other, sector in keys if other == code)
        if found != sorted(SECTORS):
            raise wrong(f"Le territoire {code} a les secteurs {', '.join(found)} au lieu des cinq attendus.", page)
    return table(SCHEMA, rows, ("code", "code_pcaet"))


def probe(ctx: FetchContext, partition: Partition) -> str:
    """The first of the month: a yearly inventory is not asked for again every night."""
    return dt.date(ctx.nuit.year, ctx.nuit.month, 1).isoformat()


def datasets(territory: Territory) -> list[Dataset]:
    """`atmo/emissions_regions` and `atmo/emissions_epci`."""
    declare = partial(
        Dataset,
        editeur="Atmo France et les AASQA (Atmo Hauts-de-France)",
        licence="odbl",
        attribution="Atmo France / AASQA, Atmo Hauts-de-France, inventaires d'émissions",
        periodicite="annuelle",
        periode_mois=24,
        delai_mois=0,  # the period known is that of the last change, not the year inventoried
        cycle=Cycle.ANNUEL,
        accumulation=Accumulation.INSTANTANE,
        cog_year=None,
        schema=SCHEMA,
        decoder_version=1,
        partitions=lambda ctx: [Partition("courant")],
        volatile=("date_maj",),  # moves when the base is rebuilt, figures or not
        probe=probe,
        reserve="L'année inventoriée n'est pas écrite dans la réponse : seule la date de mise à jour est connue.",
    )
    return [
        declare(
            id="atmo/emissions_regions",
            titre="Inventaires régionaux d'émissions de gaz à effet de serre et de polluants",
            page="https://admindata.atmo-france.org/api/doc/v2",
            niveaux=("region",),
            fetch=fetch_regions,
            decode=lambda pages: decode_regions(pages, territory.region),
            absences="Seule la région du territoire est retenue, avec ses cinq secteurs.",
            credentials=(atmo.USER, atmo.PASSWORD),
        ),
        declare(
            id="atmo/emissions_epci",
            titre="Inventaires d'émissions par EPCI (géoserveur d'Atmo France)",
            page="https://data.atmo-france.org/geoserver/",
            niveaux=("epci",),
            fetch=fetch_epci,
            decode=lambda pages: decode_epci(pages, territory.epcis),
            empty_expected=True,  # the layer may not hold our EPCI
            absences="La couche peut ne pas connaître l'EPCI du territoire : aucun chiffre n'est alors écrit.",
            switched_off=(
                "Champs à confirmer : la couche « emissions:emissions_epci » du géoserveur d'Atmo France n'est "
                "connue que par son nom."
            ),
        ),
    ]
