"""The raw store and the log of editions (rule 1 of the house): append-only, complete or absent.

Not here: decoding (`decoded`), choosing which editions a build reads (`selection`), fetching. Bytes are kept once,
under their sha256; an edition is one JSON file naming its pages, written last, so that a run killed in between leaves
only unnamed bytes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flows.core.datasets import Edition, Page
from flows.core.errors import ErasedBytes, ReleaseError
from flows.core.words import Transport
from flows.files import write_bytes, write_json


class RawStore:
    """Bytes by sha256 under `raw/ab/abcdef…`; a purged page leaves `abcdef….purge` (a tombstone)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def put(self, page: Page) -> str:
        """Store the bytes of a page (once) and return their sha256.

        Raises:
            ErasedBytes: they were purged on request, so they may not come back.
        """
        sha = page.sha256
        erased = self.tombstone(sha)
        if erased is not None:
            raise ErasedBytes(
                f"Le producteur sert encore des octets effacés ici le {erased['le'][:10]} : ils ne sont pas repris.",
                where=page.address,
                todo="rien ; la donnée reviendra quand le producteur la changera.",
            )
        if not self.path(sha).exists():
            write_bytes(self.path(sha), page.body)
        return sha

    def get(self, sha256: str) -> bytes | None:
        """The bytes, or None when they were purged.

        Raises:
            ReleaseError: they were never stored, which means that the store was tampered with.
        """
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            if self.tombstone(sha256) is not None:
                return None
            raise ReleaseError(
                "Des octets reçus ont disparu du magasin.",
                where=str(self.path(sha256)),
                todo="restaurer warehouse/raw depuis une sauvegarde.",
            ) from None

    def tombstone(self, sha256: str) -> dict[str, str] | None:
        """Why and when these bytes were purged, or None."""
        path = self.path(sha256).with_suffix(".purge")
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def purge(self, sha256: str, reason: str, at: dt.datetime) -> None:
        """Remove bytes for good and leave a tombstone with the reason."""
        write_json(self.path(sha256).with_suffix(".purge"), {"raison": reason, "le": at.isoformat()})
        self.path(sha256).unlink(missing_ok=True)


class EditionLog:
    """All editions ever landed, one JSON file each, in `editions/<provider>/<dataset>/<partition>/`."""

    def __init__(self, folder: Path, raw: RawStore) -> None:
        self.folder = folder
        self.raw = raw

    def of(self, dataset: str, partition: str | None = None) -> list[Edition]:
        """Editions of a dataset (or of one of its partitions), oldest first within each partition."""
        root = self.folder / dataset
        folders = [root / partition] if partition else sorted(p for p in root.glob("*") if p.is_dir())
        return [_read(file) for folder in folders for file in sorted(folder.glob("*.json"))]

    def latest(self, dataset: str, partition: str) -> Edition | None:
        editions = self.of(dataset, partition)
        return editions[-1] if editions else None

    def add(self, edition: Edition, pages: Sequence[Page]) -> Edition:
        """Store the pages, then the edition; returns it with its sequence number."""
        for page in pages:
            self.raw.put(page)
        folder = self.folder / edition.dataset / edition.partition
        last = sorted(folder.glob("*.json"))
        number = int(last[-1].name.split("_")[0]) + 1 if last else 1
        edition = replace(edition, sequence=number)
        write_json(folder / f"{number:06d}_{edition.nuit.isoformat()}_{edition.id[:12]}.json", _plain(edition))
        return edition

    def pages(self, edition: Edition) -> list[Page] | None:
        """The pages of an edition, byte for byte; None when one of them was purged."""
        pages = []
        for entry in edition.pages:
            body = self.raw.get(entry["sha256"])
            if body is None:
                return None
            pages.append(
                Page(
                    address=entry["address"],
                    body=body,
                    content_type=entry["content_type"],
                    etag=entry["etag"],
                    last_modified=entry["last_modified"],
                    simulated=edition.simulated,
                    name=entry["name"],
                )
            )
        return pages

    def newest_night(self) -> dt.date | None:
        """Night of the newest edition, read from file names."""
        nights = (file.name.split("_")[1] for file in self.folder.glob("*/*/*/*.json"))
        return max((dt.date.fromisoformat(night) for night in nights), default=None)

    def all(self) -> Iterator[Edition]:
        """Every edition, by dataset, partition, sequence."""
        for file in sorted(self.folder.glob("*/*/*/*.json")):
            yield _read(file)


def describe(pages: Sequence[Page]) -> tuple[dict[str, object], ...]:
    """What an edition keeps of each page beside its bytes."""
    return tuple(
        {
            "address": page.address,
            "sha256": page.sha256,
            "bytes": len(page.body),
            "content_type": page.content_type,
            "etag": page.etag,
            "last_modified": page.last_modified,
            "name": page.name,
        }
        for page in pages
    )


def _plain(edition: Edition) -> dict[str, object]:
    return {
        "id": edition.id,
        "dataset": edition.dataset,
        "partition": edition.partition,
        "nuit": edition.nuit.isoformat(),
        "retrieved_at": edition.retrieved_at.isoformat(),
        "transport": str(edition.transport),
        "pages": list(edition.pages),
        "licence": edition.licence,
        "fingerprint": edition.fingerprint,
        "rows": edition.rows,
        "simulated": edition.simulated,
        "token": edition.token,
        "sequence": edition.sequence,
    }


def _read(file: Path) -> Edition:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
        edition = _edition(value)
        told = value["id"]
    except (ValueError, KeyError, TypeError) as error:
        raise ReleaseError(
            f"Une édition ne se lit plus : son fichier est abîmé ({type(error).__name__}).",
            where=str(file),
            todo="restaurer warehouse/editions depuis une sauvegarde.",
        ) from error
    if edition.id != told:
        raise ReleaseError(
            "Une édition ne correspond plus à son identifiant : le fichier a été modifié.",
            where=str(file),
            todo="restaurer warehouse/editions depuis une sauvegarde.",
        )
    return edition


def _edition(value: dict[str, Any]) -> Edition:
    return Edition(
        dataset=value["dataset"],
        partition=value["partition"],
        nuit=dt.date.fromisoformat(value["nuit"]),
        retrieved_at=dt.datetime.fromisoformat(value["retrieved_at"]),
        transport=Transport(value["transport"]),
        pages=tuple(value["pages"]),
        licence=value["licence"],
        fingerprint=value["fingerprint"],
        rows=value["rows"],
        simulated=value["simulated"],
        token=value["token"],
        sequence=value["sequence"],
    )
