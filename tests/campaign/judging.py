"""What a decoder made of a mutated answer, against what is known of the mutation.

Not here: the mutations (tests.campaign.mutating) and the answers they change (tests.campaign.parsers).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from flows.core.datasets import Dataset, Page
from flows.core.errors import ObservatoireError
from flows.portal.payloads import Payload
from flows.sources.checks import check_body
from tests.campaign.mutating import Known, Mutation

# Columns that the contract lets be absent: Melodi gives attributes in some datasets only, and a figure that is
# withheld has no value whatever its status says; a series is named by its idbank, a space by its OSM number.
OPTIONAL = {"insee": ("conf_status", "obs_status", "titre"), "osm": ("nom",)}
# Files that list each thing on its own line without a number for it: two lines alike are two things.
ALIKE = {
    "insee/bpe_points": "two facilities of one kind at one place",
    "pac/parcelles_bio": "two parcels of one size",
    "rpls/mises_en_service": "two dwellings of one house",
}
Rows = Counter[tuple[Any, ...]]


@dataclass(frozen=True)
class Asked:
    """How a page was asked: what its body is checked for before anything is decoded."""

    expect: str
    allow_empty: bool


@dataclass(frozen=True)
class Subject:
    """One dataset as the portal answers for it: pages, the structure behind each, and the table they make."""

    dataset: Dataset
    pages: tuple[Page, ...]
    payloads: tuple[Payload, ...]
    asked: tuple[Asked, ...]
    table: pa.Table
    keys: tuple[tuple[str, ...], ...]

    @property
    def id(self) -> str:
        return self.dataset.id


def with_page(subject: Subject, number: int, body: bytes) -> tuple[Page, ...]:
    pages = list(subject.pages)
    pages[number] = replace(pages[number], body=body)
    return tuple(pages)


def outcome(subject: Subject, number: int, mutation: Mutation) -> str:
    """`refused`, `same`, `as mutated` or `left to the gate`; AssertionError as `trial`."""
    page, asked = subject.pages[number], subject.asked[number]
    told = f"{subject.id}, page {number} ({page.name or page.address[:80]}), {mutation.name}"
    try:
        check_body(
            mutation.body,
            expect=asked.expect,
            address=page.address,
            content_type=page.content_type,
            allow_empty=asked.allow_empty,
        )
        table = subject.dataset.decode(with_page(subject, number, mutation.body))
    except ObservatoireError as error:
        assert error.where and error.todo, f"{told}: the error does not help: {error!r}"
        return "refused"
    except Exception as error:
        raise AssertionError(f"{told}: {type(error).__name__}: {str(error)[:200]}") from error
    assert table.schema.equals(subject.dataset.schema), f"{told}: another schema"
    if mutation.known is Known.ANY:
        return "any"
    if table.equals(subject.table) or (mutation.name == "decimal sign" and _same_numbers(subject, table)):
        return "same"
    gone, come = _rows(subject.table), _rows(table)
    gone, come = gone - come, come - gone
    names = tuple(table.column_names)
    if mutation.known is Known.SAME and _only_status(subject, table):
        return "status left out"
    if mutation.known is Known.SAME and not come and _at_an_end(subject, names, gone):
        return "left to the gate"
    judge: dict[Known, Callable[[], str]] = {
        Known.VALUE: lambda: _arrived(gone, come, mutation) or _local(subject, number, mutation, gone, come),
        Known.TWICE: lambda: (
            _repeated(gone, table, names, subject.keys) or ("two alike" if subject.id in ALIKE else "")
        ),
    }
    verdict = judge.get(mutation.known, lambda: "")()
    assert verdict, f"{told}: moved without a word: {list(gone)[:3]} → {list(come)[:3]}"
    return verdict


def _only_status(subject: Subject, table: pa.Table) -> bool:
    """The only difference: words that a publisher may leave out by its contract are absent."""
    optional = set(OPTIONAL.get(subject.dataset.provider, ())) & set(table.column_names)
    if not optional or table.num_rows != subject.table.num_rows:
        return False
    rest = [name for name in table.column_names if name not in optional]
    changed = [table.column(n) for n in sorted(optional) if not table.column(n).equals(subject.table.column(n))]
    absent = all(value in (None, "") for column in changed for value in column.to_pylist())
    return absent and table.select(rest).equals(subject.table.select(rest))


def _same_numbers(subject: Subject, table: pa.Table) -> bool:
    """The same rows, figures that are kept as written being read with a point or a comma (as staging does)."""
    ours, theirs = (
        sorted(repr([_plain(value) for value in row]) for row in _rows(t).elements()) for t in (subject.table, table)
    )
    return ours == theirs


def _at_an_end(subject: Subject, names: tuple[str, ...], gone: Rows) -> bool:
    """Only the first or the last period of a series is gone: the suite holds that coverage does not shrink."""
    period = next((name for name in ("periode", "annee") if name in names), "")
    if not period or not subject.keys:
        return False
    place = names.index(period)
    of = [names.index(name) for name in subject.keys[0] if name != period]
    periods: dict[tuple[Any, ...], set[Any]] = {}
    for row in _rows(subject.table):
        periods.setdefault(tuple(row[i] for i in of), set()).add(row[place])
    ends = {series: (min(found), max(found)) for series, found in periods.items()}
    return all(row[place] in ends[tuple(row[i] for i in of)] for row in gone)


def _rows(table: pa.Table) -> Rows:
    return Counter(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _repeated(gone: Rows, table: pa.Table, names: tuple[str, ...], keys: tuple[tuple[str, ...], ...]) -> str:
    """Every due row is there, and a key that the suite holds unique comes twice: gate 1 refuses the edition."""
    if gone:
        return ""
    for key in keys:
        columns = [table.column(names.index(name)).to_pylist() for name in key]
        if max(Counter(zip(*columns, strict=True)).values()) > 1:
            return "left to the gate"
    return ""


def _arrived(gone: Rows, come: Rows, mutation: Mutation) -> str:
    """Only what held the old value moved, to the new one."""
    old, new = _plain(mutation.old), _plain(mutation.new)
    free = list(come.elements())
    for row in gone.elements():
        match = next((other for other in free if _explained(row, other, old, new)), None)
        if match is None:
            return ""
        free.remove(match)
    return "" if free else "as mutated"


def _local(subject: Subject, number: int, mutation: Mutation, gone: Rows, come: Rows) -> str:
    """What moved is what the record of the value says: a code that leads elsewhere, a length from a coordinate.

    The table is that without the record, and about as many rows more (or changed) as the record fed: a shape may
    need more points than before.
    """
    due = _rows(subject.table)
    try:
        without = _rows(subject.dataset.decode(with_page(subject, number, mutation.without)))
    except ObservatoireError:  # a record fewer is refused: a row changes, and the one it leaves or joins
        return "its record moved" if gone.total() <= 2 and come.total() <= 2 else ""
    now, fed = due - gone + come, max((due - without).total(), 1)
    near = (now - without).total() <= 2 * fed and (without - now).total() <= 2 * fed
    alone = len({row[0] for row in (gone + come)}) == 1  # the area of a shape says how many of its points are kept
    return "its record moved" if near or alone else ""


def _plain(value: Any) -> Any:
    """A number as a number, a text without blanks nor capitals."""
    text = str(value).strip().upper()
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _explained(row: tuple[Any, ...], other: tuple[Any, ...], old: Any, new: Any) -> bool:
    return all(a == b or (_plain(a) == old and _plain(b) == new) for a, b in zip(row, other, strict=True))
