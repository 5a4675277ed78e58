"""What `observatoire doctor --sources` asks: each source once, and what differs from the contract it was built to.

Not here: the installation itself (flows/health.py). Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.core.datasets import Dataset, FetchContext
from flows.core.errors import ObservatoireError
from flows.core.words import Mode
from flows.landing.decoded import decode_pages
from flows.observatory import Observatory

OK, LOOK, FAIL = "ok    ", "à voir", "échec "


def ask_sources(observatory: Observatory) -> Iterator[str]:
    """Ask each source for one partition, decode it, and say what differs from the contract it was built to."""
    nuit = observatory.clock.nuit()
    with observatory.network(nuit) as portal:
        client = observatory.client(portal, {})
        communes: tuple[str, ...] = observatory.communes()
        for dataset in observatory.datasets.values():
            if dataset.steward or observatory.reason_off(dataset):
                continue
            context = FetchContext(
                http=client,
                territory=observatory.settings.territory,
                nuit=nuit,
                communes=communes,
                credentials=observatory.settings.credentials,
            )
            line, found = _one_source(dataset, context)
            if dataset.id == "geo/communes" and found:
                communes = tuple(sorted({*communes, *found}))
            yield line
    if observatory.settings.mode is Mode.DEMONSTRATION:
        yield f"{LOOK} ces réponses viennent du portail de démonstration, pas des producteurs"


def _one_source(dataset: Dataset, context: FetchContext) -> tuple[str, list[str]]:
    try:
        partitions = list(dataset.partitions(context))
        if not partitions:
            return f"{LOOK} {dataset.id} : aucune partie à demander aujourd'hui", []
        wanted = partitions if dataset.id == "geo/communes" else partitions[-1:]
        pages, codes = 0, []
        for partition in wanted:
            answer = list(dataset.fetch(context, partition))
            decoded = decode_pages(dataset, answer)
            if decoded.error is not None:
                return f"{FAIL} {dataset.id} ({partition.key}) : {decoded.error}", []
            pages += len(answer)
            if decoded.table is not None and "code" in decoded.table.column_names:
                codes += decoded.table.column("code").to_pylist()
        rows = decoded.rows
        if not rows and not dataset.empty_expected:
            return f"{FAIL} {dataset.id} ({partition.key}) : aucune ligne", codes
        return f"{OK} {dataset.id} ({partition.key}) : {pages} réponse(s), {rows} lignes, colonnes conformes", codes
    except ObservatoireError as error:
        return f"{FAIL} {dataset.id} : {error}", []
