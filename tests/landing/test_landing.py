"""Rule 1 of the house on a small dataset: complete or absent, append-only, same figures are not news."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from flows.core.datasets import Dataset, FetchContext, Page, Partition, Territory
from flows.core.errors import ReleaseError, SourceUnavailable, SourceWithdrawn
from flows.core.words import Accumulation, Cycle, Transport
from flows.landing.decoded import DecodedCache
from flows.landing.land import ERASED, FAILED, NEW, NOT_ASKED, SAME, WITHDRAWN, Landing
from flows.landing.selection import Selected, select, source_state
from flows.landing.store import EditionLog, RawStore

SCHEMA = pa.schema([("code", pa.string()), ("valeur", pa.float64()), ("maj", pa.string())])
NIGHT = dt.date(2026, 11, 20)
TERRITORY = Territory("200042190", "X", (), "59", "32", "596", "3222", ())
CONTEXT = FetchContext(http=None, territory=TERRITORY, nuit=NIGHT)  # type: ignore[arg-type]


class Source:
    """A dataset whose answers a test sets: a list of rows, bytes, or an error to raise, by partition."""

    def __init__(self, accumulation: Accumulation = Accumulation.INSTANTANE) -> None:
        self.answers: dict[str, object] = {}
        self.asked: list[str] = []
        self.closed: set[str] = set()
        self.token = ""
        self.dataset = Dataset(
            id="essai/figures", titre="Essai", editeur="E", licence="lov2", attribution="E", page="https://e.test/",
            periodicite="annuelle", periode_mois=12, delai_mois=6, cycle=Cycle.ANNUEL, accumulation=accumulation,
            niveaux=("commune",), cog_year=2025, schema=SCHEMA, decoder_version=1, partitions=self.partitions,
            fetch=self.fetch, decode=self.decode, key=("code",), volatile=("maj",),
            probe=lambda context, partition: self.token,
        )  # fmt: skip

    def partitions(self, context: FetchContext) -> list[Partition]:
        return [Partition(key, closed=key in self.closed) for key in sorted(self.answers)]

    def fetch(self, context: FetchContext, partition: Partition) -> Iterator[Page]:
        self.asked.append(partition.key)
        answer = self.answers[partition.key]
        if isinstance(answer, Exception):
            raise answer
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        yield Page(f"https://e.test/{partition.key}", body)

    def decode(self, pages: Sequence[Page]) -> pa.Table:
        rows = [row for page in pages for row in json.loads(page.body)]
        return pa.Table.from_pylist(rows, schema=SCHEMA)


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return at_night(tmp_path, NIGHT)


def at_night(folder: Path, nuit: dt.date) -> Landing:
    log = EditionLog(folder / "editions", RawStore(folder / "raw"))
    now = dt.datetime.combine(nuit, dt.time(3, 30), dt.UTC)
    return Landing(log, DecodedCache(folder / "cache", log), nuit, now, Transport.PORTAIL)


def trusting(landing: Landing) -> Landing:
    """The same landing once everything landed so far was accepted and published."""
    return replace(landing, trusted=frozenset(edition.id for edition in landing.log.all()))


def states(landing: Landing, source: Source, context: FetchContext = CONTEXT, full: bool = False) -> list[str]:
    return [p.state for p in landing.dataset(source.dataset, context, full=full).partitions]


def row(value: float, maj: str = "") -> dict[str, object]:
    return {"code": "59172", "valeur": value, "maj": maj}


def test_same_figures_are_not_news_even_when_a_timestamp_moved(landing: Landing) -> None:
    source = Source()
    source.answers["2021"] = [row(1.0, "09:00")]
    assert states(landing, source) == [NEW]
    source.answers["2021"] = [row(1.0, "10:00")]
    assert states(landing, source) == [SAME]
    source.answers["2021"] = [row(2.0, "10:00")]
    assert states(landing, source) == [NEW]
    assert [e.sequence for e in landing.log.of("essai/figures")] == [1, 2]


def test_bytes_come_back_as_received(landing: Landing) -> None:
    source = Source()
    source.answers["2021"] = [row(1.5)]
    states(landing, source)
    (edition,) = landing.log.of("essai/figures")
    (page,) = landing.log.pages(edition) or []
    assert page.body == json.dumps([row(1.5)]).encode()
    assert edition.fingerprint == landing.cache.get(source.dataset, edition).fingerprint


def test_a_failing_partition_does_not_stop_the_others(landing: Landing) -> None:
    source = Source()
    source.answers = {"2020": SourceUnavailable("panne"), "2021": [row(1)], "2022": SourceWithdrawn("retiré")}
    outcome = landing.dataset(source.dataset, CONTEXT, full=False)
    assert [p.state for p in outcome.partitions] == [FAILED, NEW, WITHDRAWN]
    assert outcome.state == FAILED
    source.answers["2020"] = ValueError("défaut")
    outcome = landing.dataset(source.dataset, CONTEXT, full=False)
    assert "ValueError" in str(outcome.partitions[0].error)


def test_a_part_that_is_withdrawn_is_said_and_the_whole_only_when_all_parts_are(landing: Landing) -> None:
    source = Source()
    source.answers = {"2021": [row(1)], "2022": SourceWithdrawn("retiré")}
    outcome = landing.dataset(source.dataset, CONTEXT, full=False)
    assert outcome.state == FAILED and isinstance(outcome.first_error, SourceWithdrawn)
    source.answers["2021"] = SourceWithdrawn("retiré")
    assert landing.dataset(source.dataset, CONTEXT, full=True).state == WITHDRAWN


def test_undecodable_bytes_are_kept_and_are_news_once(landing: Landing) -> None:
    source = Source()
    source.answers["2021"] = b"<html>"
    assert states(landing, source) == [NEW]
    assert states(landing, source) == [SAME]
    (edition,) = landing.log.of("essai/figures")
    decoded = landing.cache.get(source.dataset, edition)
    assert decoded.table is None and decoded.error is not None
    (page,) = landing.log.pages(edition) or []
    assert page.body == b"<html>"


def test_closed_partitions_are_asked_once_and_again_in_a_yearly_run(landing: Landing) -> None:
    source = Source()
    source.answers["2015"], source.closed = [row(1)], {"2015"}
    assert states(landing, source) == [NEW]
    assert states(landing, source) == [SAME]  # not accepted yet: asked again
    assert states(trusting(landing), source) == [NOT_ASKED]
    assert states(trusting(landing), source, full=True) == [SAME]


def test_an_unmoved_token_saves_the_request(landing: Landing) -> None:
    source = Source()
    source.answers["2021"], source.token = [row(1)], "v1"
    assert states(landing, source) == [NEW]
    source.asked.clear()
    assert states(trusting(landing), source) == [SAME] and source.asked == []
    source.token = "v2"
    assert states(trusting(landing), source) == [SAME] and source.asked == ["2021"]


def test_a_damaged_edition_is_asked_for_again_although_nothing_moved(landing: Landing) -> None:
    source = Source()
    source.answers["2021"], source.token = b"<html>", "v1"
    assert states(landing, source) == [NEW]
    source.answers["2021"] = [row(1)]
    assert states(landing, source) == [NEW]


def test_figures_that_come_back_are_another_edition(landing: Landing) -> None:
    source = Source()
    for value in (1.0, 2.0, 1.0):
        source.answers["2021"] = [row(value)]
        states(landing, source)
    editions = landing.log.of("essai/figures")
    assert [e.sequence for e in editions] == [1, 2, 3] and len({e.id for e in editions}) == 3


def test_a_damaged_cache_is_a_miss(landing: Landing) -> None:
    source = Source()
    source.answers["2021"] = [row(1)]
    states(landing, source)
    (edition,) = landing.log.of("essai/figures")
    landing.cache.path(source.dataset, edition).write_bytes(b"junk")
    assert landing.cache.get(source.dataset, edition).rows == 1


def test_a_damaged_edition_file_is_named(landing: Landing, tmp_path: Path) -> None:
    source = Source()
    source.answers["2021"] = [row(1)]
    states(landing, source)
    (file,) = tmp_path.glob("editions/essai/figures/2021/*.json")
    file.write_text("{")
    with pytest.raises(ReleaseError) as refused:
        landing.log.of("essai/figures")
    assert file.name in refused.value.where


def test_erased_bytes_do_not_come_back(landing: Landing) -> None:
    source = Source()
    source.answers["2021"] = [row(1)]
    states(landing, source)
    (edition,) = landing.log.of("essai/figures")
    landing.log.raw.purge(edition.pages[0]["sha256"], "demande", dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
    landing.cache.path(source.dataset, edition).unlink()
    assert states(landing, source) == [ERASED]
    source.answers["2021"] = [row(2)]
    assert states(landing, source) == [NEW]


def test_a_tampered_edition_is_refused(landing: Landing, tmp_path: Path) -> None:
    source = Source()
    source.answers["2021"] = [row(1)]
    states(landing, source)
    (file,) = tmp_path.glob("editions/essai/figures/2021/*.json")
    file.write_text(file.read_text().replace("2026-11-20", "2026-11-19", 1))
    with pytest.raises(ReleaseError):
        landing.log.of("essai/figures")


def test_selection_takes_the_newest_accepted_and_waits_before_a_bad_one(tmp_path: Path) -> None:
    source = Source()
    chosen: list[Selected] = []
    for day, value in ((18, 1.0), (19, 2.0), (20, -1.0)):
        source.answers["2021"] = [row(value)]
        landing = at_night(tmp_path, dt.date(2026, 11, day))
        states(landing, source)

    def judge(dataset, edition, decoded, previous) -> bool:  # type: ignore[no-untyped-def]
        return decoded.table.column("valeur")[0].as_py() >= 0

    for as_of in (18, 19, 20):
        editions = landing.log.of("essai/figures")
        chosen.append(select(source.dataset, editions, dt.date(2026, 11, as_of), landing.cache, judge))
    assert [s.accepted[0].nuit.day for s in chosen] == [18, 19, 19]
    assert chosen[2].quarantined_since == dt.date(2026, 11, 20)
    state = source_state(chosen[2], dt.date(2026, 11, 25))
    assert (state.etat, state.perime_depuis) == ("perime", dt.date(2026, 11, 20))


def test_perime_depuis_keeps_its_first_night() -> None:
    source = Source()
    landed = Selected(source.dataset, (object(),), ())  # type: ignore[arg-type]
    first = source_state(landed, dt.date(2026, 11, 20), failed=True)
    again = source_state(landed, dt.date(2026, 11, 22), failed=True, before=first.plain())
    assert again.perime_depuis == dt.date(2026, 11, 20)
    bad = Selected(source.dataset, (object(),), (SimpleNamespace(nuit=dt.date(2026, 11, 24)),))  # type: ignore[arg-type]
    assert source_state(bad, dt.date(2026, 11, 24), before=again.plain()).perime_depuis == dt.date(2026, 11, 20)
    off = source_state(landed, dt.date(2026, 11, 23), off="débranchée", before=again.plain())
    assert (off.etat, off.perime_depuis) == ("desactive", dt.date(2026, 11, 20))
    assert source_state(landed, dt.date(2026, 11, 23), before=again.plain()).etat == "a_jour"


def test_cumulative_editions_all_count(tmp_path: Path) -> None:
    source = Source(Accumulation.CUMULATIF)
    for day in (18, 19):
        source.answers["2026-11"] = [row(float(day))]
        landing = at_night(tmp_path, dt.date(2026, 11, day))
        states(landing, source)
    editions = landing.log.of("essai/figures")
    found = select(source.dataset, editions, NIGHT, landing.cache, lambda *_: True)
    assert [e.nuit.day for e in found.accepted] == [18, 19]


def test_purged_bytes_leave_a_tombstone(landing: Landing) -> None:
    source = Source()
    source.answers["2021"] = [row(1)]
    states(landing, source)
    (edition,) = landing.log.of("essai/figures")
    sha = edition.pages[0]["sha256"]
    landing.log.raw.purge(sha, "demande", dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
    landing.cache.path(source.dataset, edition).unlink()
    assert landing.log.pages(edition) is None
    assert landing.cache.get(source.dataset, edition).fingerprint == "efface"
    with pytest.raises(ReleaseError):
        landing.log.raw.get("0" * 64)
