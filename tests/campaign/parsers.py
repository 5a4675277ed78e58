"""Every parser under mutated answers: fetch once from the portal, change bytes, look at what decoding makes of them.

A changed answer ends in a typed error that says where and what to do, or in the table that was due; a changed figure
arrives as changed and moves nothing else. Not here: the mutations (tests.campaign.mutating), the transport (its own
tests hold lengths and checksums), plausibility (gate 1 judges that after decoding).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import yaml

from flows.core.datasets import Dataset, FetchContext, Page
from flows.core.errors import ObservatoireError
from flows.portal import Portal
from flows.portal.payloads import Archive, Book, Csv, Gzip, Json, Payload, Raw, encode
from flows.settings import load_settings
from flows.sources import registry
from flows.sources.http import HttpClient
from tests.campaign.judging import Asked, Subject, outcome, with_page
from tests.campaign.mutating_values import draw
from tests.nights import ROOT

DAY = dt.date(2026, 11, 20)
LAST_PARTITIONS = 3  # the newest ones are asked, the smallest that has rows is kept


class _Recording:
    """The real client, remembering what each body was checked for."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self.asked: dict[str, Asked] = {}

    def get(self, url: str, **options: Any) -> Page:
        page = self._http.get(url, **options)
        self.asked[page.sha256] = Asked(options.get("expect", ""), options.get("allow_empty", False))
        return page

    def post_json(self, url: str, payload: Any, **options: Any) -> Page:
        return self._http.post_json(url, payload, **options)


def subjects(work: Path, only: str = "") -> Iterator[Subject]:
    """Every dataset that comes through the portal, in the order of the registry (`only`: one of them).

    Raises:
        AssertionError: a dataset of which no partition gives a table: it would go untried.
    """
    settings = load_settings(root=ROOT, warehouse=work)
    communes: tuple[str, ...] = ()
    with (
        Portal(ROOT / "warehouse" / "demonstration", DAY) as portal,
        HttpClient(portal=portal.url, user_agent="tests", tries=1) as http,
    ):
        for dataset in registry(settings.territory).values():
            asked = only in ("", dataset.id, dataset.provider)
            if dataset.steward or dataset.deposited or not (asked or dataset.provider == "geo"):
                continue  # `geo` is always asked: its communes bound what the others ask for
            recording = _Recording(http)
            context = FetchContext(
                http=recording,  # type: ignore[arg-type]
                territory=settings.territory,
                nuit=DAY,
                communes=communes,
                credentials=settings.credentials,
            )
            subject = _subject(dataset, context, recording, portal)
            if dataset.id == "geo/communes":
                communes = _communes(dataset, context)
            if asked:
                yield slim(subject)


def _communes(dataset: Dataset, context: FetchContext) -> tuple[str, ...]:
    tables = [dataset.decode(list(dataset.fetch(context, part))) for part in dataset.partitions(context)]
    return tuple(sorted({code for table in tables for code in table.column("code").to_pylist()}))


def _subject(dataset: Dataset, context: FetchContext, recording: _Recording, portal: Portal) -> Subject:
    found: list[Subject] = []
    for partition in list(dataset.partitions(context))[-LAST_PARTITIONS:]:
        try:
            pages = tuple(dataset.fetch(context, partition))
            table = dataset.decode(pages)
        except ObservatoireError:
            continue
        payloads = tuple(portal.structure(page.body) or Raw(page.body) for page in pages)
        asked = tuple(recording.asked.get(page.sha256, Asked("", True)) for page in pages)
        found.append(Subject(dataset, pages, payloads, asked, table, _keys(dataset)))
    assert found, f"{dataset.id}: no partition of the demonstration gives a table"
    return min(found, key=lambda s: (s.table.num_rows == 0, sum(len(p.body) for p in s.pages)))


def _keys(dataset: Dataset) -> tuple[tuple[str, ...], ...]:
    """Columns that the suite of the dataset holds unique."""
    suite = yaml.safe_load((ROOT / "expectations" / f"{dataset.table_name}.yml").read_text(encoding="utf-8"))
    wanted = ("expect_compound_columns_to_be_unique", "expect_column_values_to_be_unique")
    rules = [rule["parametres"] for rule in suite["regles"] if rule["attente"] in wanted]
    return tuple(tuple(rule.get("column_list") or [rule["column"]]) for rule in rules)


# --- small pages: the same bytes with fewer lines, where the decoder takes them -------------------------------------


def slim(subject: Subject, lines: int = 12) -> Subject:
    """Only the first lines of files and workbooks, as few as still make a table: one decoding then costs little."""
    for number, payload in enumerate(subject.payloads):
        size = lines
        while len(subject.pages[number].body) > 4_000 and size < 2_000:
            kept = _shorter(payload, size)
            tried = with_page(subject, number, encode(kept))
            try:
                table = subject.dataset.decode(tried)
            except ObservatoireError:
                table = None
            if table is not None and (table.num_rows or not subject.table.num_rows):
                payloads = (*subject.payloads[:number], kept, *subject.payloads[number + 1 :])
                subject = replace(subject, pages=tried, payloads=payloads, table=table)
                break
            size *= 4
    return subject


def _shorter(payload: Payload, lines: int) -> Payload:
    if isinstance(payload, Csv):
        return replace(payload, rows=list(payload.rows)[:lines])
    if isinstance(payload, Book):
        return replace(payload, sheets=[replace(s, rows=list(s.rows)[: s.codes + 1 + lines]) for s in payload.sheets])
    if isinstance(payload, Archive):
        return Archive([(name, _shorter(member, lines)) for name, member in payload.members])
    if isinstance(payload, Gzip):
        return Gzip(_shorter(payload.member, lines))
    if isinstance(payload, Json):
        value = payload.value
        if isinstance(value, list):
            return Json(value[:lines], payload.pretty)
        if isinstance(value, dict):
            cut = {k: v[:lines] if isinstance(v, list) else v for k, v in value.items()}
            return Json(cut, payload.pretty)
    return payload


# --- one mutation: what became of it -------------------------------------------------------------------------------


def trial(subject: Subject, rng: Random) -> tuple[str, str]:
    """One mutation of one page: (its name, what became of it).

    Raises:
        AssertionError: an untyped exception, an error that does not help, or figures that moved without a word.
    """
    number = max(range(len(subject.pages)), key=lambda i: len(subject.pages[i].body))
    if rng.random() < 0.3:  # a page that announces or describes, as well as the one with the figures
        number = rng.randrange(len(subject.pages))
    mutation = None
    while mutation is None:
        mutation = draw(rng, subject.payloads[number])
    return mutation.name, outcome(subject, number, mutation)


def mutated(subject: Subject, seeds: range) -> dict[str, int]:
    """Many mutations of one source: how often each outcome came.

    Raises:
        AssertionError: as `trial`, with every mutation that went wrong.
    """
    outcomes: Counter[str] = Counter()
    wrong = []
    for seed in seeds:
        try:
            outcomes[trial(subject, Random(f"{subject.id}/{seed}"))[1]] += 1
        except AssertionError as error:
            wrong.append(f"{seed}: {error}")
    assert not wrong, f"{len(wrong)} of {len(seeds)}\n" + "\n".join(wrong[:10])
    return dict(sorted(outcomes.items()))
