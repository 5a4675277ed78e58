"""The downloads of the site: every indicator and the whole, in open formats, the same bytes for the same release.

Under `indicateurs/<slug>.…`: CSV, JSON, Parquet, XLSX, SVG, PNG. Under `telechargements/`: all observations,
territories, trajectories, states, two catalogues and the checksums of all of them. The contract is in
docs/architecture.md; the columns are `exports_rows.COLUMNS`.

Not here: the page that lists them (`views_release`), the raw bytes of sources (`/brut/`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from flows.core.errors import ReleaseError
from flows.core.tables import TABLES, Release
from flows.core.words import Niveau
from flows.publishing.charts import Chart, card
from flows.publishing.exports_catalogue import LICENCE, ODBL, Written, data_package, dcat
from flows.publishing.exports_rows import (
    COLUMNS,
    Row,
    csv_bytes,
    csv_header,
    csv_lines,
    json_bytes,
    observations,
    parquet_bytes,
)
from flows.publishing.figures import Indicator, read_indicators
from flows.publishing.numbers import date_in_french
from flows.publishing.presence import presence_of
from flows.publishing.sentences import sentences_of
from flows.publishing.views_revisions import NONE, by_indicator
from flows.publishing.workbook import workbook_bytes

TERRITORY_COLUMNS = tuple(name for name in TABLES["dim_territory"].names if name != "contour")
# Beyond this many rows a JSON reader or a spreadsheet is no longer the tool: the file leaves the communes out and
# says where they are. A workbook is written cell by cell (0.1 ms a row), thirty times slower than a CSV: for hundreds
# of communes, workbooks would cost more than all the rest of a night.
MOST_ROWS, MOST_IN_WORKBOOK, MOST_IN_WHOLE_WORKBOOK = 100_000, 5_000, 50_000
CHECKSUMS = "telechargements/empreintes.sha256"
WHOLE = "Toutes les observations de l’Observatoire 2044"
File = tuple[str, bytes, str]  # address, body, licence
Part = bytes | Path  # lines of a CSV, or the CSV whose lines they are


def write_exports(
    release: Release, out: Path, base_url: str, charts: Mapping[str, Chart] | None = None
) -> list[Path]:
    """Write every download of a release under `out` (the root of the site being built).

    Args:
        base_url: public address of the site; only catalogues contain it. charts: indicator id → its chart, as drawn
            for its page; an indicator without one gets a card that says why.

    Returns:
        The paths written, sorted. Bytes are those of the release alone, whatever was there before.

    Raises:
        ReleaseError: a duplicate key, a secret figure with a value, a file that cannot be written.
    """
    base_url = base_url if base_url.endswith("/") else f"{base_url}/"
    folder = _Folder(out)
    everything = observations(release.table("fct_observation"))
    places = _slices(everything)
    revised, drawn = by_indicator(release), charts or {}
    free: dict[str, Part] = {}  # by indicator, what of its lines stands in which of the two databases
    shared: dict[str, Part] = {}
    for indicator in read_indicators(release).values():
        rows = everything.slice(*places.get(indicator.id, (0, 0)))
        about = revised.get(indicator.id, NONE)
        for file in _indicator_files(release, indicator, rows, drawn.get(indicator.id), about):
            folder.put(*file)
        marks = share_alike(rows)
        if pc.any(marks).as_py():
            shared[indicator.id] = csv_lines(rows.filter(marks))
            free[indicator.id] = csv_lines(rows.filter(pc.invert(marks)))
        else:
            free[indicator.id] = out / f"indicateurs/{slug(indicator.id)}.csv"
    # The whole in two databases, because figures under the ODbL never stand in one under the Licence Ouverte.
    held = share_alike(everything)
    for name, titre, parts, kept, licence in (
        ("observations", WHOLE, free, pc.invert(held), LICENCE),
        ("observations-odbl", f"{WHOLE}, base sous licence ODbL", shared, held, ODBL),
    ):
        # The whole is ordered by indicator first: its lines are theirs, one after the other.
        folder.join(f"telechargements/{name}.csv", [part for _, part in sorted(parts.items())], licence)
        for file in _whole(release, name, titre, everything.filter(kept), licence):
            folder.put(*file)
    for file in _tables(release):
        folder.put(*file)
    folder.put("telechargements/datapackage.json", json_bytes(data_package(release, folder.files)), LICENCE)
    folder.put("telechargements/catalogue.jsonld", json_bytes(dcat(release, folder.files, base_url)), LICENCE)
    files = sorted(folder.files, key=lambda file: file.address)
    folder.put(CHECKSUMS, "".join(f"{file.sha256}  {file.address}\n" for file in files).encode(), LICENCE)
    return sorted(out / file.address for file in folder.files)


class _Folder:
    """Where exports are written, one after the other: the bytes of millions of figures are never held together.

    Attributes:
        files: what was written so far.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self.files: list[Written] = []

    def put(self, address: str, body: bytes, licence: str) -> None:
        """Write one file."""
        header = body[: body.find(b"\r\n")].decode() if address.endswith(".csv") else ""
        with self._told(address) as path:
            path.write_bytes(body)
        self.files.append(Written(address, len(body), hashlib.sha256(body).hexdigest(), licence, header))

    def join(self, address: str, parts: Sequence[Part], licence: str) -> None:
        """Write one CSV from lines, or from the lines of other CSV that were written, under their header."""
        digest, size = hashlib.sha256(), 0
        header = csv_header(COLUMNS)
        with self._told(address) as path, path.open("wb") as whole:
            for part in (header, *parts):
                body = part if isinstance(part, bytes) else part.read_bytes()[len(header) :]
                whole.write(body)
                digest.update(body)
                size += len(body)
        self.files.append(Written(address, size, digest.hexdigest(), licence, header.decode().strip()))

    @contextmanager
    def _told(self, address: str) -> Iterator[Path]:
        path = self.out / address
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield path
        except OSError as error:
            raise ReleaseError(
                "Un fichier à télécharger n’a pas pu être écrit.",
                where=f"{address} : {error.strerror or error}",
                todo="vérifier l’espace et les droits du dossier des versions, puis relancer.",
            ) from error


def slug(indicateur: str) -> str:
    """Id of an indicator as an address: dashes for underscores."""
    return indicateur.replace("_", "-")


def _slices(table: pa.Table) -> dict[str, tuple[int, int]]:
    """Where the rows of each indicator stand in a table ordered by indicator: (first, number)."""
    runs = pc.run_end_encode(table["indicateur"].combine_chunks()) if table.num_rows else None
    if runs is None:
        return {}
    ends = runs.run_ends.to_pylist()
    return {
        name: (start, end - start)
        for name, start, end in zip(runs.values.to_pylist(), [0, *ends[:-1]], ends, strict=True)
    }


def _some(table: pa.Table, most: int) -> tuple[list[Row], str]:
    """Rows that a JSON or a workbook carries, and a sentence when they are not all: see `MOST_ROWS`."""
    if table.num_rows <= most:
        return table.to_pylist(), ""
    above = table.filter(pc.not_equal(table["territoire_niveau"], Niveau.COMMUNE.value))
    number = f"{table.num_rows:,}".replace(",", "\u202f")
    if above.num_rows > most:
        above = above.slice(0, 0)
    return above.to_pylist(), f"{number} lignes : les communes sont dans les fichiers CSV et Parquet."


def _indicator_files(
    release: Release, indicator: Indicator, table: pa.Table, chart: Chart | None, revised: Row
) -> Iterator[File]:
    stem = f"indicateurs/{slug(indicator.id)}"
    drawn = chart or card(indicator, sentences_of(indicator).phrase)
    title = str(indicator.meta["titre"])
    rows, partial = _some(table, MOST_ROWS)
    sheet, cut = (rows, partial) if table.num_rows <= MOST_IN_WORKBOOK else _some(table, MOST_IN_WORKBOOK)
    readme = [*([("Trop de lignes", cut)] if cut else []), *_readme(release, indicator, table)]
    licence = ODBL if pc.any(share_alike(table)).as_py() else LICENCE
    document = _document(release, indicator, table, rows, partial) | {"revisions": revised}
    yield f"{stem}.csv", csv_header(COLUMNS) + csv_lines(table), licence
    yield f"{stem}.json", json_bytes(document), licence
    yield f"{stem}.parquet", parquet_bytes(table, version=release.id), licence
    yield f"{stem}.xlsx", workbook_bytes(COLUMNS, sheet, readme, nuit=release.nuit, titre=title), licence
    yield f"{stem}.svg", drawn.fichier.encode(), licence
    yield f"{stem}.png", drawn.png, licence


def _document(
    release: Release, indicator: Indicator, table: pa.Table, rows: list[Row], partial: str
) -> dict[str, Any]:
    """The JSON of one indicator: what it means, its licence, state and trajectory, then the rows of its CSV."""
    meta = indicator.meta
    status = dict(indicator.status) if indicator.status else None
    if status is not None:
        try:
            status["details"] = json.loads(status["details"] or "{}")
        except json.JSONDecodeError as error:
            raise ReleaseError(
                "Le détail d’un état n’est pas du JSON.",
                where=f"fct_status, {indicator.id} : {error}",
                todo="corriger le modèle fct_status.",
            ) from error
    return {
        "indicateur": indicator.id,
        "titre": meta["titre"],
        "definition": meta["definition"],
        "formule": meta["formule"],
        "limites": meta["limites"],
        "unite": meta["unite"],
        "decimales": meta["decimales"],
        "polarite": meta["polarite"],
        "periodicite": meta["periodicite"],
        "raison": meta["raison"],
        "presence": presence_of(indicator),
        "attente": meta["attente"],
        "saisie": meta["saisie"],
        "service": meta["service"],
        "licences": _distinct(table, "licence"),
        "sources": _distinct(table, "source"),
        "version": release.id,
        "nuit": release.nuit,
        "mode": release.mode,
        "ruptures": [
            {"periode": row["periode"], "motif": row["motif"], "source": row["source"]} for row in indicator.breaks
        ],
        "etat": status,
        "trajectoire": indicator.decision
        and {**indicator.decision, "courbe": [_point(row) for row in indicator.curve]},
        **({"observations_partielles": partial} if partial else {}),
        "observations": rows,
    }


def _point(row: Row) -> Row:
    return {name: row[name] for name in ("annee", "valeur", "tolerance_basse", "tolerance_haute")}


def _distinct(table: pa.Table, column: str) -> list[str]:
    return sorted(value for value in pc.unique(table[column]).to_pylist() if value)


def _readme(release: Release, indicator: Indicator, table: pa.Table) -> list[tuple[str, str]]:
    meta = indicator.meta
    lines = [
        ("Indicateur", str(meta["titre"])),
        ("Définition", str(meta["definition"] or "")),
        ("Formule", str(meta["formule"] or "")),
        ("Limites", str(meta["limites"] or "")),
        ("Unité", str(meta["unite"] or "")),
        ("Sources", " ; ".join(_distinct(table, "source"))),
        ("Licences", " ; ".join(_distinct(table, "licence"))),
    ]
    lines += [("Rupture de série", f"{row['periode']} : {row['motif']}") for row in indicator.breaks]
    return [line for line in lines if line[1]] + _about(release)


def _about(release: Release) -> list[tuple[str, str]]:
    lines = [
        ("Version", f"{release.id}, nuit du {date_in_french(release.nuit)}"),
        ("Cellule vide", "La valeur est sous secret statistique ou non disponible : la colonne « Statut » le dit."),
    ]
    if release.mode == "demonstration":
        lines.append(("Démonstration", "Certaines séries sont simulées : la colonne « Nature » le dit."))
    return lines


def share_alike(table: pa.Table) -> pa.ChunkedArray:
    """Rows made, even in part, of a database under the ODbL: what is derived from it stays under that licence."""
    return pc.fill_null(pc.match_substring(table["licence"], "ODbL"), False)


def _whole(release: Release, name: str, titre: str, table: pa.Table, licence: str) -> Iterator[File]:
    rows, partial = _some(table, MOST_IN_WHOLE_WORKBOOK)
    number = f"{table.num_rows:,}".replace(",", "\u202f")
    readme = [
        ("Contenu", f"{titre} : {number} lignes."),
        *([("Trop de lignes", partial)] if partial else []),
        ("Licences", " ; ".join(_distinct(table, "licence"))),
        *_about(release),
    ]
    stem = f"telechargements/{name}"
    yield f"{stem}.parquet", parquet_bytes(table, version=release.id), licence
    yield f"{stem}.xlsx", workbook_bytes(COLUMNS, rows, readme, nuit=release.nuit, titre=titre), licence


def _tables(release: Release) -> Iterator[File]:
    for name, source, columns in (
        ("territoires", "dim_territory", TERRITORY_COLUMNS),
        ("trajectoires", "dim_trajectory", tuple(TABLES["dim_trajectory"].names)),
        ("trajectoires-annees", "fct_trajectory", tuple(TABLES["fct_trajectory"].names)),
        ("statuts", "fct_status", tuple(TABLES["fct_status"].names)),
        ("statuts-historique", "fct_status_history", tuple(TABLES["fct_status_history"].names)),
        ("annee-en-cours", "fct_pace", tuple(TABLES["fct_pace"].names)),
        ("ruptures", "dim_rupture", tuple(TABLES["dim_rupture"].names)),
        ("revisions", "fct_revision", tuple(TABLES["fct_revision"].names)),
        ("revisions-moyennes", "fct_revision_mean", tuple(TABLES["fct_revision_mean"].names)),
        ("corrections", "dim_correction", tuple(TABLES["dim_correction"].names)),
    ):
        body = csv_bytes(columns, release.table(source).select(list(columns)).to_pylist())
        yield f"telechargements/{name}.csv", body, LICENCE
