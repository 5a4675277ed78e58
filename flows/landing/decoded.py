"""Decoded tables: a disposable Parquet cache keyed by edition and decoder version, and their fingerprints.

Not here: how bytes are decoded (each source's `decode`). Throwing `cache/` away loses nothing: everything in it is a
function of the raw store and of the code.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.core.datasets import Dataset, Edition, Page
from flows.core.digests import table_digest
from flows.core.errors import DecodeError, ObservatoireError
from flows.files import write_bytes
from flows.landing.store import EditionLog

EXTRA = pa.schema(
    [("_edition", pa.string()), ("_partition", pa.string()), ("_nuit", pa.date32()), ("_sequence", pa.int64())]
)


@dataclass(frozen=True)
class Decoded:
    """A decoded edition: `table` has the dataset's exact schema; on failure it is None and `error` says why."""

    table: pa.Table | None
    fingerprint: str
    error: ObservatoireError | None = None

    @property
    def rows(self) -> int:
        return 0 if self.table is None else self.table.num_rows


def decode_pages(dataset: Dataset, pages: Sequence[Page]) -> Decoded:
    """Decode pages with the dataset's own decoder; any failure becomes a typed error and a fingerprint of the bytes.

    A decoder that raises something untyped is a defect of ours, yet it must not stop the other sources: it is
    reported as a DecodeError that names the exception.
    """
    bytes_digest = hashlib.sha256("".join(page.sha256 for page in pages).encode()).hexdigest()
    try:
        table = dataset.decode(pages)
        if not table.schema.equals(dataset.schema, check_metadata=False):
            raise DecodeError(
                "La table décodée n'a pas les colonnes annoncées par la source.",
                where=f"{dataset.id} : {_schema_difference(table.schema, dataset.schema)}",
                todo="corriger le décodeur de la source.",
            )
    except ObservatoireError as error:
        return Decoded(None, f"indecodable:{bytes_digest}", error)
    except Exception as error:
        wrapped = DecodeError(
            f"Les octets reçus ne se décodent pas ({type(error).__name__} : {str(error)[:200]}).",
            where=f"{dataset.id}, {pages[0].address if pages else 'aucune page'}",
            todo="comparer la réponse gardée dans warehouse/raw avec le contrat de la source (docs/sources.md).",
        )
        wrapped.__cause__ = error
        return Decoded(None, f"indecodable:{bytes_digest}", wrapped)
    return Decoded(table, table_digest(table, dataset.volatile))


class DecodedCache:
    """Decoded editions on disk: the dataset's own columns, then `_edition`, `_partition`, `_nuit`, `_sequence`."""

    def __init__(self, folder: Path, log: EditionLog) -> None:
        self.folder = folder
        self.log = log

    def path(self, dataset: Dataset, edition: Edition) -> Path:
        return self.folder / dataset.table_name / f"{edition.id}-v{dataset.decoder_version}.parquet"

    def get(self, dataset: Dataset, edition: Edition) -> Decoded:
        """The decoded edition, from the cache or from its raw bytes."""
        path = self.path(dataset, edition)
        table = _readable(path)
        if table is not None:
            mark = (table.schema.metadata or {}).get(b"fingerprint", b"").decode()
            own = table.select(dataset.schema.names).replace_schema_metadata(None)
            if mark and own.schema.equals(dataset.schema, check_metadata=False):
                return Decoded(own, mark)
        pages = self.log.pages(edition)
        if pages is None:
            error = DecodeError(
                "Les octets de cette édition ont été effacés sur demande.",
                where=f"{edition.dataset}, édition {edition.id[:12]}",
                todo="rien : l'édition ne peut plus être relue.",
            )
            return Decoded(None, "efface", error)
        decoded = decode_pages(dataset, pages)
        if decoded.table is not None:
            self.put(dataset, edition, decoded)
        return decoded

    def put(self, dataset: Dataset, edition: Edition, decoded: Decoded) -> Path:
        """Write a decoded edition to the cache."""
        assert decoded.table is not None
        n = decoded.table.num_rows
        table = decoded.table
        own = (edition.id, edition.partition, edition.nuit, edition.sequence)
        for field, value in zip(EXTRA, own, strict=True):
            table = table.append_column(field, pa.array([value] * n, type=field.type))
        table = table.replace_schema_metadata({b"fingerprint": decoded.fingerprint.encode()})
        buffer = io.BytesIO()
        pq.write_table(table, buffer, compression="zstd")
        path = self.path(dataset, edition)
        write_bytes(path, buffer.getvalue(), durable=False)
        return path

    def empty(self, dataset: Dataset) -> Path:
        """An empty landed table of the right schema, for a dataset that never had an accepted edition."""
        path = self.folder / dataset.table_name / f"vide-v{dataset.decoder_version}.parquet"
        buffer = io.BytesIO()
        pq.write_table(pa.schema([*dataset.schema, *EXTRA]).empty_table(), buffer)
        write_bytes(path, buffer.getvalue())
        return path


def _readable(path: Path) -> pa.Table | None:
    """A cached table, or None when it is absent or damaged: a damaged cache is a miss and is written again."""
    try:
        return pq.read_table(path)
    except (FileNotFoundError, pa.ArrowException, OSError):
        return None


def _schema_difference(got: pa.Schema, due: pa.Schema) -> str:
    missing = sorted(set(due.names) - set(got.names))
    extra = sorted(set(got.names) - set(due.names))
    types = [
        f"{n} {got.field(n).type} au lieu de {due.field(n).type}"
        for n in due.names
        if n in got.names and got.field(n).type != due.field(n).type
    ]
    return (
        "; ".join(
            part
            for part in (
                f"manquent {', '.join(missing)}" if missing else "",
                f"en trop {', '.join(extra)}" if extra else "",
                *types,
            )
            if part
        )
        or "ordre des colonnes différent"
    )
