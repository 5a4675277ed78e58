"""geo.api.gouv.fr: the communes of each EPCI of the territory, and their contours.

Not here: membership in past years, names of bassins de vie, any figure other than the population bundled with the
code officiel géographique. Source of the method: API Découpage administratif (Etalab, DINUM), server source v2.2.0.
One partition an EPCI. The communes are landed with the same membership asked another way (the communes of the
département whose `codeEpci` is this EPCI), the contours with the list of communes: both pairs must agree, else an
answer was cut or the perimeter is moving.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle, Niveau
from flows.sources.decoding import fail, json_of, require, table
from flows.sources.reading import carried

BASE = "https://geo.api.gouv.fr"
_FIELDS = "nom,code,siren,codeEpci,codeDepartement,codeRegion,population,surface,centre"
_SIREN_IN_ADDRESS = re.compile(r"/epcis/(\d{9})/communes")

COMMUNES = pa.schema(
    [
        ("code", pa.string()),
        ("nom", pa.string()),
        ("siren", pa.string()),
        ("code_epci", pa.string()),
        ("code_departement", pa.string()),
        ("code_region", pa.string()),
        ("population", pa.int64()),
        ("surface", pa.float64()),  # hectares
        ("lon", pa.float64()),
        ("lat", pa.float64()),
    ]
)
CONTOURS = pa.schema([("code", pa.string()), ("nom", pa.string()), ("geometry", pa.string())])


def datasets(territory: Territory) -> list[Dataset]:
    """`geo/communes` and `geo/contours`."""
    common: dict[str, Any] = {
        "editeur": "DINUM (Etalab), d'après Insee, DGCL et IGN",
        "licence": "lov2",
        "page": "https://geo.api.gouv.fr/decoupage-administratif",
        "periodicite": "annuelle",
        "periode_mois": 12,
        "delai_mois": 3,
        "cycle": Cycle.NOCTURNE,
        "accumulation": Accumulation.INSTANTANE,
        "niveaux": (Niveau.COMMUNE.value,),
        "cog_year": None,  # the current one; the answer does not say which
        "decoder_version": 1,
        "partitions": _partitions,
    }
    return [
        Dataset(
            id="geo/communes",
            titre="Communes de l'intercommunalité et de ses voisines",
            attribution="API Découpage administratif (geo.api.gouv.fr), Insee (code officiel géographique), DGCL",
            absences="La population manque pour une commune très récente ; le millésime n'est pas dans la réponse.",
            schema=COMMUNES,
            fetch=_fetch_communes,
            decode=partial(decode_communes, departement=territory.departement),
            **common,
        ),
        Dataset(
            id="geo/contours",
            titre="Contours des communes",
            attribution="API Découpage administratif (geo.api.gouv.fr), d'après l'IGN (Admin Express)",
            absences="Aucune absence attendue : chaque commune a un contour.",
            schema=CONTOURS,
            fetch=_fetch_contours,
            decode=decode_contours,
            **common,
        ),
    ]


def _partitions(ctx: FetchContext) -> Iterable[Partition]:
    return [Partition(siren, {"siren": siren}) for siren in ctx.territory.epcis]


def _fetch_communes(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    siren = partition.params["siren"]
    yield ctx.http.get(
        f"{BASE}/epcis/{siren}/communes", params={"fields": _FIELDS}, expect="json-list", name="communes"
    )
    yield ctx.http.get(
        f"{BASE}/departements/{ctx.territory.departement}/communes",
        params={"fields": "nom,code,codeEpci"},
        expect="json-list",
        name="departement",
    )


def _fetch_contours(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    siren = partition.params["siren"]
    address = f"{BASE}/epcis/{siren}/communes"
    query = [("format", "geojson"), ("geometry", "contour"), ("fields", "nom,code")]
    yield ctx.http.get(address, params=query, expect="geojson", name="contours")
    yield ctx.http.get(address, params={"fields": "nom,code"}, expect="json-list", name="communes")


def decode_communes(pages: Sequence[Page], *, departement: str) -> pa.Table:
    """Communes of one EPCI, ordered by code.

    Args:
        pages: named `communes` (the EPCI's own list) and `departement` (every commune of it, with its EPCI).

    Raises:
        DecodeError: a page or a key is missing, a code comes twice, a commune says another EPCI, the lists differ.
    """
    page = _named(pages, "communes")
    siren = _siren_of(page)
    rows: list[dict[str, Any]] = []
    carried(_objects(page), [name for name in _FIELDS.split(",") if name != "codeEpci"], page)
    for item in _objects(page):
        require(item, ("code", "nom"), page.address)
        if item.get("codeEpci", siren) != siren:
            fail(f"La commune {item['code']} est rendue avec l'EPCI {item['codeEpci']}.", page.address)
        lon, lat = _centre(item, page.address)
        rows.append(
            {
                "code": str(item["code"]),
                "nom": str(item["nom"]),
                "siren": _text(item.get("siren")),
                "code_epci": siren,
                "code_departement": _text(item.get("codeDepartement")),
                "code_region": _text(item.get("codeRegion")),
                "population": _whole(item.get("population"), item["code"], page.address),
                "surface": _figure(item.get("surface"), item["code"], page.address),
                "lon": lon,
                "lat": lat,
            }
        )
    codes = _unique([row["code"] for row in rows], page.address)
    other = _named(pages, "departement")
    expected = {str(item.get("code")) for item in _objects(other) if item.get("codeEpci") == siren}
    # An EPCI may reach into another département: only the communes of ours can be compared.
    ours = {row["code"] for row in rows if row["code_departement"] in (None, departement)}
    if ours != expected:
        gap = ", ".join(sorted(ours ^ expected)[:10])
        fail(
            f"L'EPCI {siren} compte {len(codes)} communes, mais la liste du département {departement} lui en donne "
            f"{len(expected)} ; diffèrent : {gap}.",
            f"{page.address} et {other.address}",
            "attendre une nuit : l'éditeur met peut-être son périmètre à jour ; sinon, le prévenir.",
        )
    return table(COMMUNES, rows, ("code",))


def decode_contours(pages: Sequence[Page]) -> pa.Table:
    """Contours of the communes of one EPCI, ordered by code; `geometry` is a GeoJSON geometry (WGS84) as text.

    Raises:
        DecodeError: a page is missing, a contour is not a polygon, or contours and list of communes differ.
    """
    page = _named(pages, "contours")
    value = json_of(page)
    require(value if isinstance(value, dict) else (), ("features",), page.address)
    rows = []
    for feature in value["features"]:
        properties = feature.get("properties") or {}
        require(properties, ("code", "nom"), page.address)
        geometry = feature.get("geometry") or {}
        if geometry.get("type") not in ("Polygon", "MultiPolygon") or not geometry.get("coordinates"):
            fail(f"La commune {properties['code']} n'a pas de contour.", page.address)
        if not _numbers(geometry["coordinates"]):
            fail(f"Le contour de la commune {properties['code']} n'est pas fait de nombres.", page.address)
        kept = {"type": geometry["type"], "coordinates": geometry["coordinates"]}
        rows.append(
            {
                "code": str(properties["code"]),
                "nom": str(properties["nom"]),
                "geometry": json.dumps(kept, separators=(",", ":"), sort_keys=True),
            }
        )
    codes = _unique([row["code"] for row in rows], page.address)
    listed = _named(pages, "communes")
    expected = set(_unique([str(item.get("code")) for item in _objects(listed)], listed.address))
    if set(codes) != expected:
        gap = ", ".join(sorted(set(codes) ^ expected)[:10])
        fail(
            f"Il y a {len(codes)} contours pour {len(expected)} communes ; diffèrent : {gap}.",
            page.address,
            "attendre une nuit, puis prévenir l'éditeur.",
        )
    return table(CONTOURS, rows, ("code",))


def _named(pages: Sequence[Page], name: str) -> Page:
    for page in pages:
        if page.name == name:
            return page
    fail(f"La page « {name} » manque dans l'édition.", pages[0].address if pages else BASE)


def _siren_of(page: Page) -> str:
    match = _SIREN_IN_ADDRESS.search(page.address)
    if not match:
        fail("L'adresse ne dit pas de quel EPCI il s'agit.", page.address)
    return match[1]


def _objects(page: Page) -> list[dict[str, Any]]:
    value = json_of(page)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        fail("La réponse n'est pas une liste d'objets.", page.address)
    if not value:
        # An unknown EPCI code is a 200 with [] on some routes: never an empty territory.
        fail("La liste de communes est vide.", page.address, "vérifier le code de l'EPCI dans observatoire.toml.")
    return value


def _unique(codes: list[str], where: str) -> list[str]:
    if len(set(codes)) != len(codes):
        twice = sorted({c for c in codes if codes.count(c) > 1})
        fail(f"Des communes sont rendues deux fois : {', '.join(twice)}.", where)
    return codes


def _centre(item: dict[str, Any], where: str) -> tuple[float | None, float | None]:
    centre = item.get("centre")
    if centre is None:
        return None, None
    point = centre.get("coordinates") if isinstance(centre, dict) else None
    if not isinstance(point, list) or len(point) != 2:
        fail(f"Le centre de la commune {item['code']} n'est pas un point.", where)
    lon, lat = (_figure(c, item["code"], where) for c in point)
    return lon, lat


def _numbers(coordinates: Any) -> bool:
    """True for nested lists whose leaves are numbers."""
    if isinstance(coordinates, list):
        return all(map(_numbers, coordinates))
    return isinstance(coordinates, int | float) and not isinstance(coordinates, bool)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _whole(value: Any, code: Any, where: str) -> int | None:
    number = _figure(value, code, where)
    if number is not None and not number.is_integer():
        fail(f"La population de la commune {code} n'est pas un entier.", where)
    return None if number is None else int(number)


def _figure(value: Any, code: Any, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        fail(f"Une valeur de la commune {code} n'est pas un nombre : « {value} ».", where)
    return float(value)
