"""Insee, places on a map: the located facilities of the BPE, and the inhabitants of 200 m squares (Filosofi).

Both are national files of more than a gigabyte once opened: they are read by pieces, and only the rows of the
département leave this module. Not here: counts of facilities by commune (Melodi gives them), incomes of squares, and
distances (the warehouse). A square is placed at its centre and counted in the first commune of its list, the one that
covers most of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.laea import to_degrees
from flows.core.words import Accumulation, Cycle
from flows.sources.archives import Archive
from flows.sources.decoding import table
from flows.sources.reading import commune_of, number_of, one, wrong

BASE = "https://www.insee.fr/fr/statistiques/fichier"
BPE_FILE = "8217525/BPE24.zip"
SQUARES_FILE = "8735162/Filosofi2021_carreaux_200m_csv.zip"
SQUARES_YEAR = 2021
LIMIT = 3_000_000_000  # the BPE is near 1.4 GB once opened

# Types of facilities kept: those of the baskets of indicators, by the prefix of their code.
KEPT = ("A1", "A2", "B1", "B2", "C1", "C2", "C3", "D1", "D2", "D3", "F1", "F3")

POINTS = pa.schema(
    [
        ("an", pa.int64()),
        ("typequ", pa.string()),
        ("depcom", pa.string()),
        ("longitude", pa.float64()),
        ("latitude", pa.float64()),
        ("nombre", pa.int64()),  # facilities of one type at one place are one row
    ]
)
SQUARES = pa.schema(
    [
        ("annee", pa.int64()),
        ("idcar_200m", pa.string()),
        ("code_commune", pa.string()),
        ("ind", pa.float64()),
        ("i_est_200", pa.int64()),
        ("longitude", pa.float64()),
        ("latitude", pa.float64()),
    ]
)
_SQUARE = re.compile(r"CRS3035RES200mN([0-9]{6,8})E([0-9]{6,8})")


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The national zip (`data`)."""
    yield ctx.http.get(f"{BASE}/{partition.params['file']}", expect="zip", name="data")


def decode_points(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a place and a type of facility of the département; degrees WGS84, null when not located.

    Raises:
        DecodeError: a missing column, a year or a position that is not one, no facility of the département.
    """
    page = one(pages, "data")
    columns = ("AN", "TYPEQU", "DEPCOM", "LONGITUDE", "LATITUDE")
    counts: dict[tuple[Any, ...], int] = {}
    for line in _rows(page, r"bpe[0-9]{2}\.csv", ";", columns, "DEPCOM", departement):
        if not line["TYPEQU"].startswith(KEPT):
            continue
        where = f"équipement {line['TYPEQU']} de {line['DEPCOM']}"
        year = number_of(line["AN"], page, where)
        if year is None:
            raise wrong("Une ligne ne dit pas son année.", page, where)
        position = (number_of(line["LONGITUDE"], page, where), number_of(line["LATITUDE"], page, where))
        key = (int(year), line["TYPEQU"], commune_of(line["DEPCOM"]), *position)
        counts[key] = counts.get(key, 0) + 1
    if not counts:
        raise wrong(f"Aucun équipement du département {departement} dans le fichier.", page)
    rows = [dict(zip(POINTS.names, (*key, count), strict=True)) for key, count in counts.items()]
    return table(POINTS, rows, ("depcom", "typequ", "longitude", "latitude", "an"))


def decode_squares(pages: Sequence[Page], departement: str) -> pa.Table:
    """One row a square whose first commune is of the département, by name; inhabitants, centre in degrees.

    Raises:
        DecodeError: a missing column, a square whose name or list of communes cannot be read, no square.
    """
    page = one(pages, "data")
    rows = []
    columns = ("idcar_200m", "lcog_geo", "ind", "i_est_200")
    for line in _rows(page, r"carreaux_200m_met\.csv", ",", columns, "lcog_geo", departement):
        name, where = line["idcar_200m"].strip(), f"carreau {line['idcar_200m']}"
        found = _SQUARE.fullmatch(name)
        code = commune_of(line["lcog_geo"][:5])
        inhabitants = number_of(line["ind"], page, where)
        if not found or code is None or inhabitants is None:
            raise wrong("Un carreau n'a pas de nom, de commune ou d'habitants lisibles.", page, where)
        longitude, latitude = to_degrees(int(found[2]) + 100, int(found[1]) + 100)
        estimated = number_of(line["i_est_200"], page, where)
        rows.append(
            {
                "annee": SQUARES_YEAR,
                "idcar_200m": name,
                "code_commune": code,
                "ind": inhabitants,
                "i_est_200": None if estimated is None else int(estimated),
                "longitude": round(longitude, 6),
                "latitude": round(latitude, 6),
            }
        )
    if not rows:
        raise wrong(f"Aucun carreau du département {departement} dans le fichier.", page)
    return table(SQUARES, rows, ("idcar_200m",))


def _rows(
    page: Page, member: str, delimiter: str, columns: Sequence[str], code: str, departement: str
) -> Iterator[Mapping[str, str]]:
    """Rows of the only member of that name whose `code` begins with the département, cells as text."""
    archive = Archive(page)
    names = [n for n in archive.names() if re.fullmatch(member, n.rsplit("/", 1)[-1], re.IGNORECASE)]
    if len(names) != 1:
        shown = ", ".join(archive.names()[:5])
        raise wrong(f"L'archive n'a pas le fichier attendu ({member}) ; elle contient : {shown}.", page)
    where = archive.where(names[0])
    kept = pacsv.ConvertOptions(
        include_columns=list(columns),
        column_types=dict.fromkeys(columns, pa.string()),
        strings_can_be_null=False,
    )
    try:
        with archive.stream(names[0], LIMIT) as stream:
            reader = pacsv.open_csv(
                stream,
                read_options=pacsv.ReadOptions(block_size=8_000_000),
                parse_options=pacsv.ParseOptions(delimiter=delimiter),
                convert_options=kept,
            )
            for batch in reader:
                mine = batch.filter(pc.starts_with(batch.column(code), departement))
                yield from mine.to_pylist()
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise wrong("Le CSV de l'archive ne se lit pas.", page, f"{where} : {str(error)[:200]}") from error


def datasets(territory: Territory) -> list[Dataset]:
    """`insee/bpe_points` and `insee/carreaux`."""
    common: dict[str, Any] = {
        "editeur": "Insee",
        "licence": "lov2",
        "cycle": Cycle.ANNUEL,
        "accumulation": Accumulation.INSTANTANE,
        "niveaux": ("commune",),
        "decoder_version": 1,
        "fetch": fetch,
    }
    return [
        Dataset(
            id="insee/bpe_points",
            titre="Équipements et services géolocalisés (base permanente des équipements)",
            attribution="Insee, base permanente des équipements (BPE)",
            page="https://www.insee.fr/fr/statistiques/8217525",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=18,
            cog_year=2024,
            schema=POINTS,
            partitions=lambda ctx: [Partition("2024", {"file": BPE_FILE}, closed=True)],
            decode=lambda pages: decode_points(pages, territory.departement),
            absences="Certains équipements n'ont pas de position ; leur type change de code selon le millésime.",
            switched_off=(
                "À confirmer avant la mise en service : l'adresse du fichier géolocalisé (165 Mo) et les codes des "
                "types d'équipement du millésime."
            ),
            **common,
        ),
        Dataset(
            id="insee/carreaux",
            titre="Habitants par carreau de 200 mètres (Filosofi)",
            attribution="Insee-DGFiP-Cnaf-Cnav-CCMSA, Filosofi, données carroyées",
            page="https://www.insee.fr/fr/statistiques/8735162",
            periodicite="irrégulière",
            periode_mois=24,
            delai_mois=48,
            cog_year=2023,
            schema=SQUARES,
            partitions=lambda ctx: [Partition(str(SQUARES_YEAR), {"file": SQUARES_FILE}, closed=True)],
            decode=lambda pages: decode_squares(pages, territory.departement),
            absences=(
                "Les habitants hors ménages ordinaires ne sont pas comptés ; les carreaux de moins de 11 ménages "
                "sont estimés par l'Insee."
            ),
            switched_off=(
                "À confirmer avant la mise en service : l'adresse du carroyage 2021, le fichier que contient "
                "l'archive et l'année de sa géographie."
            ),
            **common,
        ),
    ]
