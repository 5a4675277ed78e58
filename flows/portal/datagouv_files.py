"""A file served behind data.gouv.fr: what the portal must know of it. Which files: `FILES` of `flows.portal.sets`.

Not here: discovery and transport (`flows.portal.datagouv`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flows.portal.figures import View
from flows.portal.payloads import Payload

MIMES = {
    "csv": "text/csv",
    "txt": "text/plain",
    "json": "application/json",
    "geojson": "application/geo+json",
    "zip": "application/zip",
    "gz": "application/gzip",
    "csv.gz": "application/gzip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xls": "application/vnd.ms-excel",
}


@dataclass(frozen=True)
class File:
    """One file of one dataset; files of the same `dataset` are listed together, described by the first.

    `modified` is an ISO date and time, UTC; `main` the column clients need; `charset` what the server announces for a
    text, "" when it announces nothing.
    """

    dataset: str
    slug: str
    dataset_title: str
    organisation: str
    licence: str
    frequency: str
    resource: str
    title: str
    name: str
    modified: str
    main: str
    payload: Callable[[View], Payload]
    schema: dict[str, Any] | None = None
    charset: str = "utf-8"

    @property
    def form(self) -> str:
        """Format that data.gouv.fr announces: the extension of the name (`csv`, `csv.gz`, `zip`, `xlsx`, `json`)."""
        name = self.name.lower()
        return "csv.gz" if name.endswith(".csv.gz") else name.rpartition(".")[2]

    @property
    def mime(self) -> str:
        """Type of the content, by the format."""
        return MIMES.get(self.form, "application/octet-stream")
