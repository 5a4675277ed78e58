"""An observatory whose publishers are a folder of Parquet files; everything after the decoders is the real one.

Not here: the network and the decoders, which are measured by nothing in this bench (they depend on the publishers).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from flows.core.datasets import Dataset, FetchContext, Page, Partition
from flows.observatory import Observatory
from flows.settings import load_settings
from tests.campaign.frozen import freeze


@dataclass(frozen=True)
class SyntheticObservatory(Observatory):
    """The observatory with each publisher's fetch and decode replaced by a Parquet file of `editions`."""

    editions: Path = Path()

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        real = Observatory(self.settings).datasets
        return {name: d if d.steward else from_parquet(d, self.editions) for name, d in real.items()}

    @contextmanager
    def network(self, today: dt.date) -> Iterator[str | None]:
        """No network: the pages are files."""
        yield None


def from_parquet(dataset: Dataset, editions: Path) -> Dataset:
    """A dataset whose partitions are the Parquet files of its folder in `editions`."""
    folder = editions / dataset.table_name

    def partitions(_: FetchContext) -> list[Partition]:
        return [Partition(file.stem) for file in sorted(folder.glob("*.parquet"))]

    def fetch(_: FetchContext, partition: Partition) -> Iterator[Page]:
        body = (folder / f"{partition.key}.parquet").read_bytes()
        yield Page(f"{dataset.page}#{partition.key}", body, "application/vnd.apache.parquet", simulated=True)

    def decode(pages: Sequence[Page]) -> pa.Table:
        return pa.concat_tables([pq.read_table(io.BytesIO(page.body)).cast(dataset.schema) for page in pages])

    return dataclasses.replace(
        dataset, partitions=partitions, fetch=fetch, decode=decode, probe=None, credentials=(), switched_off=""
    )


def bench_root(folder: Path) -> Path:
    """A root of the project for the bench: the same code and texts, with suites that say everything and stop nothing.

    Multiplied figures break rules that know this territory (47 communes, its total of electricity); each rule is
    evaluated all the same, which is what is measured.
    """
    root = freeze(folder / "projet")
    for file in sorted((root / "expectations").glob("*.yml")):
        suite = yaml.safe_load(file.read_text(encoding="utf-8"))
        for rule in suite["regles"]:
            rule["severite"] = "a_revoir"
        text = yaml.safe_dump(suite, allow_unicode=True, sort_keys=False)
        file.write_text(text, encoding="utf-8")
    return root


def synthetic(root: Path, folder: Path, **settings: Any) -> SyntheticObservatory:
    """The observatory of one size: `folder` holds its editions and its warehouse."""
    return SyntheticObservatory(
        load_settings(root=root, warehouse=folder / "entrepot", **settings), editions=folder / "editions"
    )
