"""transport.data.gouv.fr: public transport stops around our communes, from every timetable (GTFS) it gathers.

Not here: lines, frequencies and seasons: the answer gives none, and a stop listed may be served twice a day. Stops
of several networks at one place are several rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import frame
from flows.sources.decoding import require, table
from flows.sources.reading import number_of, object_of, one, text_of, wrong

HOST = "transport.data.gouv.fr"
SCHEMA = pa.schema(
    [
        ("stop_id", pa.string()),
        ("stop_name", pa.string()),
        ("location_type", pa.int64()),  # GTFS: 0 or null a stop, 1 a station, 2 an entrance
        ("dataset_title", pa.string()),
        ("longitude", pa.float64()),
        ("latitude", pa.float64()),
    ]
)
_PROPERTIES = ("stop_id", "stop_name", "location_type", "dataset_title")


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The communes' centres (the box), then the stops inside it (`data`)."""
    pages, box = frame.ask(ctx)
    yield from pages
    params = {side: str(getattr(box, side)) for side in ("south", "north", "west", "east")}
    yield ctx.http.get(f"https://{HOST}/api/gtfs-stops", params=params, expect="json", name="data")


def decode(pages: Sequence[Page]) -> pa.Table:
    """One row a stop of a network, ordered by network and stop; degrees WGS84.

    Raises:
        DecodeError: stops gathered in clusters (the box is too wide), a stop without a point, no stop.
    """
    page = one(pages, "data")
    answer = object_of(page)
    if answer.get("type") != "FeatureCollection" or not isinstance(answer.get("features"), list):
        raise wrong(f"La réponse est de type « {answer.get('type')} », pas une liste d'arrêts.", page)
    rows = [_stop(feature, page) for feature in answer["features"]]
    if not rows:
        raise wrong("Aucun arrêt autour de nos communes.", page)
    return table(SCHEMA, rows, ("dataset_title", "stop_id", "stop_name", "longitude", "latitude"))


def _stop(feature: Any, page: Page) -> dict[str, Any]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise wrong("Un arrêt est rendu sans propriétés.", page)
    require(properties, _PROPERTIES, page.address)
    point = ((feature.get("geometry") or {}).get("coordinates")) or []
    if len(point) != 2:
        raise wrong(f"L'arrêt {properties['stop_id']} n'a pas de position.", page)
    kind = number_of(properties["location_type"], page, "location_type")
    return {
        "stop_id": text_of(properties["stop_id"]),
        "stop_name": text_of(properties["stop_name"]),
        "location_type": None if kind is None else int(kind),
        "dataset_title": text_of(properties["dataset_title"]),
        "longitude": number_of(point[0], page, "longitude"),
        "latitude": number_of(point[1], page, "latitude"),
    }


def datasets(territory: Territory) -> list[Dataset]:
    """`transport/arrets`."""
    return [
        Dataset(
            id="transport/arrets",
            titre="Arrêts de transport en commun (GTFS)",
            editeur="transport.data.gouv.fr, d'après les autorités organisatrices",
            licence="lov2",
            attribution="Point d'accès national aux données de transport, arrêts des réseaux",
            page="https://transport.data.gouv.fr/",
            periodicite="continue",
            periode_mois=1,
            delai_mois=1,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=(),
            cog_year=None,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=decode,
            absences="Un réseau qui ne publie pas ses horaires n'a aucun arrêt ici.",
            switched_off=(
                "À confirmer avant la mise en service : l'API expérimentale des arrêts (paramètres, nombre d'arrêts "
                "que rend un cadre) et la licence, qui peut être l'ODbL selon le réseau."
            ),
        )
    ]
