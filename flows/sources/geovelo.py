"""Cycling infrastructure of the national base, as Geovelo extracts it from OpenStreetMap each month.

Not here: what counts as infrastructure, and lengths by commune (the warehouse). The file is national and holds
hundreds of thousands of lines: features are read one by one, and those of other départements are dropped at once.
Source of the fields: schema etalab/schema-amenagements-cyclables (`ame_d` and `ame_g`: what runs on the right and on
the left of the line; `code_com_d`, `code_com_g`: the commune of each side).
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import require, table
from flows.sources.decoding import text_of as utf8_of
from flows.sources.reading import commune_of, one, text_of, wrong

WANTED = datagouv.Wanted(
    dataset="amenagements-cyclables-france-metropolitaine",
    title=r"france[-_ ]?[0-9]{8}",
    format="geojson",
    expect="geojson",
)
SCHEMA = pa.schema(
    [
        ("id_local", pa.string()),
        ("code_com_d", pa.string()),
        ("ame_d", pa.string()),
        ("code_com_g", pa.string()),
        ("ame_g", pa.string()),
        ("longueur_m", pa.float64()),
        ("date_maj", pa.string()),
    ]
)
_FIELDS = ("id_local", "code_com_d", "ame_d", "code_com_g", "ame_g", "date_maj")
_EARTH_M = 6_371_008.8  # mean radius of the Earth (IUGG)
fetch, probe = datagouv.whole_file(WANTED)


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a line of the département (on either side), ordered by identifier; metres along the line, rounded.

    Raises:
        DecodeError: not a complete GeoJSON collection, a missing field, a geometry that is not a line, no line.
    """
    page = one(pages, "data")
    rows = []
    for feature in _features(utf8_of(page.body, page.address), page):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            raise wrong("Un aménagement est rendu sans propriétés.", page)
        require(properties, _FIELDS, page.address)
        right, left = commune_of(properties["code_com_d"]), commune_of(properties["code_com_g"])
        if not any(code and code.startswith(departement) for code in (right, left)):
            continue
        rows.append(
            {
                **{name: text_of(properties[name]) for name in ("id_local", "ame_d", "ame_g", "date_maj")},
                "code_com_d": right,
                "code_com_g": left,
                "longueur_m": _length(feature.get("geometry") or {}, page, str(properties["id_local"])),
            }
        )
    if not rows:
        raise wrong(f"Aucun aménagement du département {departement} dans le fichier.", page)
    return table(SCHEMA, rows, SCHEMA.names)


def _features(text: str, page: Page) -> Iterator[Any]:
    """The features one by one: the whole collection as Python objects would weigh gigabytes."""
    start = text.find('"features"')
    place = text.find("[", start)
    if start < 0 or place < 0:
        raise wrong("Le fichier n'est pas une collection GeoJSON.", page)
    decoder = json.JSONDecoder()
    place = _blanks(text, place + 1)
    while place < len(text) and text[place] != "]":
        try:
            feature, place = decoder.raw_decode(text, place)
        except ValueError as error:
            raise wrong("Le fichier GeoJSON est coupé ou mal formé.", page, f"caractère {place}") from error
        yield feature
        place = _blanks(text, place)
        if text[place : place + 1] == ",":
            place = _blanks(text, place + 1)
    if not text[place:].rstrip().endswith("}"):
        raise wrong("Le fichier GeoJSON est coupé avant la fin de la collection.", page)


def _blanks(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n":
        place += 1
    return place


def _length(geometry: dict[str, Any], page: Page, name: str) -> float:
    lines = geometry.get("coordinates")
    if geometry.get("type") == "LineString":
        lines = [lines]
    elif geometry.get("type") != "MultiLineString":
        raise wrong(f"L'aménagement {name} n'est pas une ligne.", page)
    try:
        return round(sum(metres(a, b) for line in lines or [] for a, b in itertools.pairwise(line)), 1)
    except (TypeError, IndexError) as error:
        raise wrong(f"Les coordonnées de l'aménagement {name} ne se lisent pas.", page) from error


def metres(a: Sequence[float], b: Sequence[float]) -> float:
    """Metres between two (longitude, latitude) on a sphere of mean radius (haversine)."""
    lat_a, lat_b = math.radians(a[1]), math.radians(b[1])
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b[0] - a[0]) / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def datasets(territory: Territory) -> list[Dataset]:
    """`geovelo/amenagements`."""
    return [
        Dataset(
            id="geovelo/amenagements",
            titre="Aménagements cyclables (base nationale, extraction d'OpenStreetMap)",
            editeur="Geovelo et transport.data.gouv.fr, d'après les contributeurs d'OpenStreetMap",
            licence="odbl",
            attribution="© les contributeurs d'OpenStreetMap, base nationale des aménagements cyclables (Geovelo)",
            page=f"https://www.data.gouv.fr/datasets/{WANTED.dataset}/",
            periodicite="mensuelle",
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
            decode=lambda pages: decode(pages, territory.departement),
            absences="Ce que personne n'a dessiné dans OpenStreetMap n'est pas compté.",
            probe=probe,
            switched_off=(
                "À confirmer avant la mise en service : le fichier national pèse plusieurs centaines de mégaoctets "
                "chaque mois ; décider d'un extrait du département ou relever OBSERVATOIRE_MAX_BYTES."
            ),
        )
    ]
