"""SSMSI: recorded domestic violence by commune, département and region, three CSV files of one data.gouv.fr dataset.

Not here: rates of our own, sums and intervals (the warehouse). The files have had two headers: the one of 2023 writes
`classe`, dots and two-figure years, the one since 2024 `indicateur`, underscores and whole years; both are read. The
nomenclature changed too: « coups et blessures volontaires intrafamiliaux » became « violences physiques
intrafamiliales », with another scope: the label is kept, for the warehouse not to mix them. A commune is published
(`diff`) only above five facts three years running; otherwise (`ndiff`) the number is absent, which is not zero, and
`complement_info_nombre` is the département's mean over its hidden communes, not the commune's number.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.words import Accumulation, Cycle
from flows.sources import datagouv
from flows.sources.decoding import table
from flows.sources.reading import number_of, one, plain, wrong

SOURCE = "621df2954fa5a3b5a023e23c"
_GONE = "chercher sur data.gouv.fr le jeu du SSMSI qui le remplace et corriger son identifiant dans flows/sources."
# partition → file of the dataset
WANTED = {
    "communes": datagouv.Wanted(SOURCE, r"^com -", "csv.gz", "gzip", _GONE),
    "departements": datagouv.Wanted(SOURCE, r"^dep -", "csv", "csv", _GONE),
    "regions": datagouv.Wanted(SOURCE, r"^reg -", "csv", "csv", _GONE),
}
LABELS = {"violences physiques intrafamiliales", "coups et blessures volontaires intrafamiliaux"}
MAX_BYTES = 1_500_000_000  # the communal file is near 450 MB once decompressed

SCHEMA = pa.schema(
    [
        ("niveau", pa.string()),
        ("code", pa.string()),
        ("annee", pa.int64()),
        ("indicateur", pa.string()),
        ("unite_de_compte", pa.string()),
        ("nombre", pa.float64()),
        ("taux_pour_mille", pa.float64()),
        ("est_diffuse", pa.string()),
        ("insee_pop", pa.float64()),
        ("insee_pop_millesime", pa.int64()),
        ("complement_info_nombre", pa.float64()),
    ]
)
_LEVELS = {"communes": "commune", "departements": "departement", "regions": "region"}
_CODES = {"communes": "codgeo", "departements": "code_departement", "regions": "code_region"}
# name of today → name of 2023, both written small, without accents, with `_` for `.`
_OLD = {
    "indicateur": "classe",
    "nombre": "faits",
    "taux_pour_mille": "tauxpourmille",
    "insee_pop": "pop",
    "insee_pop_millesime": "millpop",
    "unite_de_compte": "unite_de_compte",
    "annee": "annee",
}
_ABSENT = {"", "NA"}


def fetch(ctx: FetchContext, partition: Partition) -> Iterator[Page]:
    """The discovery pages, then the file of the partition (`data`; the communal one is compressed, about 40 MB)."""
    return datagouv.download(ctx.http, WANTED[partition.key])


def probe(ctx: FetchContext, partition: Partition) -> str:
    """Checksum of the file, or its date when none is given."""
    return datagouv.resource(ctx.http, WANTED[partition.key])[1].token


def decode(pages: Sequence[Page], territory: Territory) -> pa.Table:
    """Domestic violence of the communes of the département, of the département or of the region, by year: victims,
    rate for 1,000 inhabitants, population used by the publisher, and whether the number is published.

    Raises:
        DecodeError: neither of the two headers, a row cut short, a year or a number that cannot be read, a marker of
            publication that is neither `diff` nor `ndiff`, a doubled row, no row of the territory.
    """
    page = one(pages, "data")
    try:
        lines = csv.reader(_text(page), delimiter=";", strict=True)
        header = [_name(name) for name in next(lines, [])]
        kind = _kind(header, page)
        places = _places(header, kind, page)
        rows = [row for row in _rows(lines, header, places, kind, territory, page)]
    except UnicodeDecodeError as error:
        raise wrong("Le fichier n'est pas en UTF-8.", page, str(error)) from error
    except csv.Error as error:
        raise wrong("Le fichier n'est pas un CSV lisible.", page, str(error)) from error
    except (OSError, EOFError, zlib.error) as error:
        raise wrong("Le fichier compressé est abîmé ou coupé.", page, type(error).__name__) from error
    if not rows:
        raise wrong("Aucune ligne du territoire sur les violences intrafamiliales.", page)
    if len({(row["code"], row["annee"], row["indicateur"]) for row in rows}) != len(rows):
        raise wrong("Une même ligne est écrite deux fois.", page)
    return table(SCHEMA, rows, SCHEMA.names)


def _text(page: Page) -> Iterable[str]:
    """Lines of the file, decompressed as they are read, never beyond a bound."""
    raw: Any = io.BytesIO(page.body)
    if page.body[:2] == b"\x1f\x8b":
        raw = gzip.GzipFile(fileobj=raw)
    seen = 0
    for line in io.TextIOWrapper(raw, encoding="utf-8-sig", newline=""):
        seen += len(line)
        if seen > MAX_BYTES:
            raise wrong("Le fichier se décompresse au-delà du raisonnable.", page)
        yield line


def _name(text: str) -> str:
    return plain(text).replace(".", "_").replace(" ", "_")


def _kind(header: Sequence[str], page: Page) -> str:
    """Which of the three files it is, by its column of codes (the communal one carries a year: `CODGEO_2026`)."""
    if sum(name.startswith("codgeo") for name in header) == 1:
        return "communes"
    for kind in ("departements", "regions"):  # the département's file has the region's code too
        if _CODES[kind] in header:
            return kind
    raise wrong(f"Aucune colonne de code connue ; colonnes vues : {', '.join(header[:12])}.", page)


def _places(header: Sequence[str], kind: str, page: Page) -> dict[str, int]:
    at = {name: i for i, name in enumerate(header)}
    places = {"code": next(i for i, name in enumerate(header) if name.startswith(_CODES[kind]))}
    for name, old in _OLD.items():
        if name not in at and old not in at:
            raise wrong(f"Il manque la colonne « {name} » (ou « {old} », édition 2023).", page)
        places[name] = at.get(name, at.get(old, -1))
    for name in ("est_diffuse", "complement_info_nombre"):
        if name in at:
            places[name] = at[name]
    if kind == "communes" and "est_diffuse" not in places:
        raise wrong("Il manque la colonne « est_diffuse » : rien ne dit quels nombres sont publiés.", page)
    return places


def _rows(
    lines: Iterable[list[str]],
    header: Sequence[str],
    places: dict[str, int],
    kind: str,
    territory: Territory,
    page: Page,
) -> Iterator[dict[str, Any]]:
    label, code_at = places["indicateur"], places["code"]
    for number, cells in enumerate(lines, start=2):
        if len(cells) != len(header):
            raise wrong(f"La ligne {number} a {len(cells)} cellules au lieu de {len(header)}.", page)
        code = cells[code_at].strip()
        if not _ours(code, kind, territory) or plain(cells[label]) not in LABELS:
            continue
        where = f"ligne {number}, {code}"
        shown = cells[places["est_diffuse"]].strip() if "est_diffuse" in places else ""
        if kind == "communes" and shown not in ("diff", "ndiff"):
            raise wrong(f"« {shown} » ne dit pas si le nombre est diffusé.", page, where)
        yield {
            "niveau": _LEVELS[kind],
            "code": code,
            "annee": _year(cells[places["annee"]], page, where),
            "indicateur": " ".join(cells[label].split()),
            "unite_de_compte": cells[places["unite_de_compte"]].strip().capitalize(),
            "est_diffuse": shown,
            "insee_pop_millesime": _year(cells[places["insee_pop_millesime"]], page, where, optional=True),
            **{
                name: _figure(cells[places[name]], page, f"{where}, {name}") if name in places else None
                for name in ("nombre", "taux_pour_mille", "insee_pop", "complement_info_nombre")
            },
        }


def _ours(code: str, kind: str, territory: Territory) -> bool:
    if kind == "communes":
        return code.startswith(territory.departement)
    return code == (territory.departement if kind == "departements" else territory.region)


def _figure(cell: str, page: Page, where: str) -> float | None:
    return None if cell.strip() in _ABSENT else number_of(cell, page, where)


def _year(cell: str, page: Page, where: str, optional: bool = False) -> int | None:
    """2024, or 24 as the edition of 2023 writes it."""
    text = cell.strip()
    if optional and text in _ABSENT:
        return None
    if not (text.isascii() and text.isdigit() and len(text) in (2, 4)):
        raise wrong(f"« {text} » n'est pas une année.", page, where)
    return 2000 + int(text) if len(text) == 2 else int(text)


def datasets(territory: Territory) -> list[Dataset]:
    """`ssmsi/delinquance`: one partition a file."""
    return [
        Dataset(
            id="ssmsi/delinquance",
            titre="Violences intrafamiliales enregistrées par la police et la gendarmerie",
            editeur="Service statistique ministériel de la sécurité intérieure (SSMSI)",
            licence="lov2",
            attribution="SSMSI, bases statistiques de la délinquance enregistrée par la police et la gendarmerie",
            page=f"https://www.data.gouv.fr/datasets/{SOURCE}/",
            periodicite="annuelle",
            periode_mois=12,
            delai_mois=7,
            cycle=Cycle.ANNUEL,
            accumulation=Accumulation.INSTANTANE,
            niveaux=("commune", "departement", "region"),
            cog_year=2026,
            schema=SCHEMA,
            decoder_version=1,
            partitions=lambda ctx: [Partition(key) for key in WANTED],
            fetch=fetch,
            decode=lambda pages: decode(pages, territory),
            absences=(
                "Un nombre n'est publié pour une commune qu'au-delà de cinq faits par an trois années de suite ; "
                "ailleurs il est absent, ce qui n'est pas zéro."
            ),
            probe=probe,
            reserve=(
                "Identifiant du jeu et titres des fichiers vus dans des projets publics ; à confirmer à la première "
                "réception réelle."
            ),
        )
    ]
