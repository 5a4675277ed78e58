"""Landing one dataset: ask, compare, store (rule 1 of the house).

Not here: judging an edition (gate 1) and choosing what a build reads. A failing source never raises out of this
module: its failure is an outcome that the run reports.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.core.datasets import Dataset, Edition, FetchContext, Page, Partition
from flows.core.errors import ErasedBytes, ObservatoireError, SourceError, SourceWithdrawn, StorageFull
from flows.core.words import Transport
from flows.landing.decoded import DecodedCache, decode_pages
from flows.landing.store import EditionLog, describe

NEW, SAME, NOT_ASKED, FAILED, WITHDRAWN, ERASED, OFF = (
    "nouvelle",
    "inchangee",
    "non_demandee",
    "en_echec",
    "retiree",
    "effacee",
    "desactivee",
)


@dataclass(frozen=True)
class PartitionOutcome:
    """What happened to one partition tonight; `edition` is set when a new one was stored."""

    partition: str
    state: str
    edition: Edition | None = None
    error: ObservatoireError | None = None


@dataclass
class DatasetOutcome:
    """What happened to one dataset tonight. `error` is the first one, or the reason why it is switched off.

    `left`: this run did not ask it at all, so that its state stays what it was.
    `deposits`: for the services' deposits, the answer to each file of the inbox (flows.sources.saisies_report).
    """

    dataset: str
    partitions: list[PartitionOutcome] = field(default_factory=list)
    error: ObservatoireError | None = None
    off: str = ""
    left: bool = False
    deposits: list[dict[str, Any]] = field(default_factory=list)

    @property
    def state(self) -> str:
        if self.off:
            return OFF
        states = {p.state for p in self.partitions}
        if self.error is not None and not self.partitions:
            return WITHDRAWN if isinstance(self.error, SourceWithdrawn) else FAILED
        if states == {WITHDRAWN}:
            return WITHDRAWN
        if WITHDRAWN in states:  # one part is gone, its last accepted edition stands: readers must know
            return FAILED
        return next((state for state in (FAILED, ERASED, NEW, SAME) if state in states), NOT_ASKED)

    @property
    def first_error(self) -> ObservatoireError | None:
        return self.error or next((p.error for p in self.partitions if p.error), None)


@dataclass(frozen=True)
class Landing:
    """The tools of a landing: where things are stored, and the night and instant they are stored under."""

    log: EditionLog
    cache: DecodedCache
    nuit: dt.date
    now: dt.datetime
    transport: Transport
    trusted: frozenset[str] = frozenset()  # ids of the editions that the published release reads

    def dataset(self, dataset: Dataset, context: FetchContext, *, full: bool) -> DatasetOutcome:
        """Land every partition of a dataset; `full` asks again for closed and unmoved ones (yearly run).

        Every typed error of a source is kept as an outcome; a full disk stops the run (StorageFull).
        """
        outcome = DatasetOutcome(dataset.id)
        try:
            partitions = list(dataset.partitions(context))
        except ObservatoireError as error:
            outcome.error = error
            return outcome
        except Exception as error:
            outcome.error = _untyped(dataset, "liste des parties", error)
            return outcome
        for partition in partitions:
            try:
                outcome.partitions.append(self._partition(dataset, context, partition, full))
            except StorageFull:
                raise
            except ErasedBytes as error:
                outcome.partitions.append(PartitionOutcome(partition.key, ERASED, error=error))
            except SourceWithdrawn as error:
                outcome.partitions.append(PartitionOutcome(partition.key, WITHDRAWN, error=error))
            except ObservatoireError as error:
                outcome.partitions.append(PartitionOutcome(partition.key, FAILED, error=error))
            except Exception as error:
                wrapped = _untyped(dataset, partition.key, error)
                outcome.partitions.append(PartitionOutcome(partition.key, FAILED, error=wrapped))
        return outcome

    def _partition(
        self, dataset: Dataset, context: FetchContext, partition: Partition, full: bool
    ) -> PartitionOutcome:
        latest = self.log.latest(dataset.id, partition.key)
        # Only an edition that was accepted may spare a request: a damaged one must be asked for again.
        trusted = latest is not None and latest.id in self.trusted and not full
        if partition.closed and trusted:
            return PartitionOutcome(partition.key, NOT_ASKED)
        token = ""
        if dataset.probe is not None:
            token = dataset.probe(context, partition)
            if trusted and token and latest is not None and token == latest.token:
                return PartitionOutcome(partition.key, SAME)
        pages = list(dataset.fetch(context, partition))
        return self.pages(dataset, partition.key, pages, token=token)

    def pages(self, dataset: Dataset, partition: str, pages: Sequence[Page], *, token: str = "") -> PartitionOutcome:
        """Store pages as a new edition, unless the newest edition of the partition has the same figures.

        Pages that do not decode are stored too: gate 1 quarantines them and the steward can see the bytes.
        """
        if not pages:
            return PartitionOutcome(partition, SAME)
        decoded = decode_pages(dataset, pages)
        latest = self.log.latest(dataset.id, partition)
        if latest is not None and self.cache.get(dataset, latest).fingerprint == decoded.fingerprint:
            return PartitionOutcome(partition, SAME)
        edition = Edition(
            dataset=dataset.id,
            partition=partition,
            nuit=self.nuit,
            retrieved_at=self.now,
            transport=Transport.FICHIER if dataset.steward else self.transport,
            pages=describe(pages),
            licence=dataset.licence,
            fingerprint=decoded.fingerprint,
            rows=decoded.rows,
            simulated=any(page.simulated for page in pages),
            token=token,
        )
        edition = self.log.add(edition, pages)
        if decoded.table is not None:
            self.cache.put(dataset, edition, decoded)
        return PartitionOutcome(partition, NEW, edition=edition)


def _untyped(dataset: Dataset, where: str, error: Exception) -> SourceError:
    wrapped = SourceError(
        f"La source a échoué d'une façon imprévue ({type(error).__name__} : {str(error)[:200]}).",
        where=f"{dataset.id}, {where}",
        todo="signaler ce défaut du programme ; la dernière édition acceptée reste publiée.",
    )
    wrapped.__cause__ = error
    return wrapped
