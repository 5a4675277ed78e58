"""IRVE: charge points open to the public, the national file consolidated every day on data.gouv.fr.

Not here: choosing one row among doubled points, kW or W, a commune from coordinates (the warehouse). Operators write
the file: about a quarter of the rows have no commune code, some codes lost a zero or won a `.0`, coordinates and
powers come as typed. Rows are kept by code, or by coordinates when there is no code; powers that are not numbers
are null.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.csv as pacsv

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import table
from flows.sources.reading import commune_of, one, text_of, wrong

WANTED = datagouv.Wanted(
    dataset="5448d3e0c751df01f85d0572",
    title=r"consolidation de la derniere version (a date )?du schema",
    format="csv",
    expect="csv",
)

SCHEMA = pa.schema(
    [
        ("id_pdc_itinerance", pa.string()),
        ("id_station_itinerance", pa.string()),
        ("code_insee_commune", pa.string()),
        ("consolidated_longitude", pa.float64()),
        ("consolidated_latitude", pa.float64()),
        ("puissance_nominale", pa.float64()),
        ("date_mise_en_service", pa.string()),
        ("date_maj", pa.string()),
    ]
)
# Longitude and latitude (WGS84) of a box around the département, for the rows without a commune code: west, south,
# east, north. Wider than its contour by about a kilometre; the warehouse then decides by the contours of communes.
BOXES: dict[str, tuple[float, float, float, float]] = {"59": (2.05, 49.95, 4.25, 51.10)}

_OPTIONAL = ("consolidated_longitude", "consolidated_latitude")
_COLUMNS = (*(n for n in SCHEMA.names if n not in _OPTIONAL), "coordonneesXY", *_OPTIONAL)
_PAIR = re.compile(r"\[?\s*(-?[0-9]+(?:\.[0-9]+)?)\s*[,;]\s*(-?[0-9]+(?:\.[0-9]+)?)\s*\]?")


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The discovery pages, then the national file (`data`, about 160 MB)."""
    return datagouv.download(ctx.http, WANTED)


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Month of the last change of the file.

    The file is rewritten every day and weighs 160 MB, kept for ever with its edition: once a month is enough to
    follow a number of charge points.
    """
    return datagouv.resource(ctx.http, WANTED)[1].last_modified[:7]


def decode(pages: Sequence[Page], departement: str) -> pa.Table:
    """Rows of the département: those with its code, and those without a code whose coordinates fall in its box.

    Raises:
        DecodeError: not a CSV, a missing column, no box known for the département, or no row at all.
    """
    page = one(pages, "data")
    if departement not in BOXES:
        raise wrong(f"Aucun cadre de coordonnées n'est écrit pour le département {departement}.", page)
    read = _read(page)
    absent = [None] * read.num_rows
    columns = {n: read.column(n).to_pylist() if n in read.column_names else absent for n in _COLUMNS}
    rows = []
    for i, raw in enumerate(columns["code_insee_commune"]):
        code = commune_of(raw)
        if code is not None and not code.startswith(departement):
            continue
        longitude, latitude = _position(
            columns["consolidated_longitude"][i], columns["consolidated_latitude"][i], columns["coordonneesXY"][i]
        )
        if code is None and not _inside(longitude, latitude, BOXES[departement]):
            continue
        rows.append(
            {
                "id_pdc_itinerance": text_of(columns["id_pdc_itinerance"][i]),
                "id_station_itinerance": text_of(columns["id_station_itinerance"][i]),
                "code_insee_commune": code,
                "consolidated_longitude": longitude,
                "consolidated_latitude": latitude,
                "puissance_nominale": _loose(columns["puissance_nominale"][i]),
                "date_mise_en_service": text_of(columns["date_mise_en_service"][i]),
                "date_maj": text_of(columns["date_maj"][i]),
            }
        )
    if not rows:
        raise wrong(f"Aucun point de charge du département {departement} dans le fichier.", page)
    return table(SCHEMA, rows, SCHEMA.names)


def _read(page: Page) -> pa.Table:
    """The columns needed, as text, of the national file: 200,000 rows in about a second."""
    header = page.body[: page.body.find(b"\n") + 1].decode("utf-8-sig", errors="replace").strip()
    names = [cell.strip().strip('"') for cell in header.split(",")]
    if missing := [name for name in _COLUMNS if name not in names and name not in _OPTIONAL]:
        raise wrong(f"Il manque les colonnes {', '.join(missing)}.", page)
    kept = [name for name in _COLUMNS if name in names]
    try:
        return pacsv.read_csv(
            io.BytesIO(page.body),
            parse_options=pacsv.ParseOptions(delimiter=",", newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                include_columns=kept, column_types=dict.fromkeys(kept, pa.string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:  # not a CSV; a column whose name holds a stray byte
        raise wrong("Le fichier n'est pas un CSV lisible en UTF-8.", page, str(error)[:200]) from error


def _position(longitude: str | None, latitude: str | None, pair: str | None) -> tuple[float | None, float | None]:
    """The consolidated coordinates, else the `[longitude, latitude]` that the operator typed."""
    lon, lat = _loose(longitude), _loose(latitude)
    if lon is not None and lat is not None:
        return lon, lat
    m = _PAIR.fullmatch((pair or "").strip())
    return (float(m[1]), float(m[2])) if m else (None, None)


def _inside(longitude: float | None, latitude: float | None, box: tuple[float, float, float, float]) -> bool:
    west, south, east, north = box
    if longitude is None or latitude is None:
        return False
    return west <= longitude <= east and south <= latitude <= north


def _loose(text: str | None) -> float | None:
    """A number typed by an operator; null when it is not one, for this column is not worth losing the file."""
    plain = (text or "").strip().replace(",", ".")
    return float(plain) if re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]*)?", plain) else None


def datasets(territory: Territory) -> list[Dataset]:
    """`irve/points`."""
    return [
        Dataset(
            id="irve/points",
            titre="Points de recharge pour véhicules électriques ouverts au public (base nationale IRVE)",
            editeur="data.gouv.fr et transport.data.gouv.fr, d'après les aménageurs et opérateurs",
            licence="lov2",
            attribution="Base nationale des infrastructures de recharge pour véhicules électriques, data.gouv.fr",
            page=f"https://www.data.gouv.fr/datasets/{WANTED.dataset}/",
            periodicite="quotidienne",
            periode_mois=1,
            delai_mois=1,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune",),
            cog_year=2025,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition("courant")],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory.departement),
            absences=(
                "Environ un quart des points n'a pas de code de commune (ils sont rattachés par leurs coordonnées). "
                "L'absence de point déclaré dans une commune n'est pas la preuve d'un zéro."
            ),
            brut_public=False,
            raison_brut_prive=(
                "Le fichier national porte les adresses électroniques et les téléphones de contact des opérateurs."
            ),
            probe=probe,
        )
    ]
