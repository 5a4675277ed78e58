"""The observations of a release in columns, and rows only where a page asks for them.

A territory of thousands of communes has millions of figures: as Python rows they would fill the memory before the
first page. Texts are kept as numbers into a list of distinct words, questions about a whole indicator (which periods,
how many secrets) are answered on the columns, and a row is made when a page shows it. Figures of one territory stand
together, totals first in time order, then details in time and name order. Not here: what a figure means.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.core.periods import sort_key
from flows.core.tables import TABLES, Release
from flows.core.words import Statut

Row = dict[str, Any]
Place = tuple[str, str]  # niveau, code
NAMES = tuple(TABLES["fct_observation"].names)
COMMUNE = "commune"
_KEPT = 10_000  # series of communes kept as rows: those of one indicator, or of a hundred pages
_SEPARATOR = "\x1f"
_kept: dict[str, Any] = {}


def observed(release: Release) -> Observed:
    """The observations of a release, read once; they go away with it (the newest one read is kept)."""
    known = _kept.get("release")
    if known is None or known() is not release:
        _kept["observed"] = Observed(release.table("fct_observation"))
        _kept["release"] = weakref.ref(release, _forget)
    return _kept["observed"]


def _forget(gone: weakref.ref[Release]) -> None:
    if _kept.get("release") is gone:
        _kept.clear()


class Observed:
    """Every observation of a release.

    Args:
        table: `fct_observation`; each indicator's rows are looked up with `figures`.
    """

    def __init__(self, table: pa.Table) -> None:
        self.codes: dict[str, np.ndarray] = {}  # column → number of the word of each row, or the figure itself
        self.words: dict[str, list[Any]] = {}  # column → distinct words, None last (number -1)
        for name in NAMES:
            self._read(name, table.column(name))
        # By indicator and place, in the order of the table.
        keys = [self.codes[name] for name in ("indicateur", "territoire_niveau", "territoire_code")]
        sizes = [len(self.words[name]) for name in ("indicateur", "territoire_niveau", "territoire_code")]
        place = (keys[0].astype(np.int64) * sizes[1] + keys[1]) * sizes[2] + keys[2]
        run = _first_met(place) + _first_met(keys[0]) * (len(place) + 1)
        order = self._order(run)
        if order is not None:
            self.codes = {name: values[order] for name, values in self.codes.items()}
            run = run[order]
        starts = np.flatnonzero(np.diff(run, prepend=-1))
        self.first = np.append(starts, len(run))  # first row of each place, and the end of the last one
        part = self.codes["ventilation"] != self._number("ventilation", "")
        self.part = part
        self.middle = starts + np.add.reduceat(~part, starts) if len(starts) else starts  # first detail of each place
        self._figures: dict[str, Figures] = {}
        self._communes: list[tuple[dict[Place, list[Row]], Place]] = []

    def figures(self, indicateur: str) -> Figures:
        """The figures of one indicator; without any when the release has none."""
        if indicateur not in self._figures:
            number = self._number("indicateur", indicateur)
            runs = np.flatnonzero(self.codes["indicateur"][self.first[:-1]] == number) if number >= 0 else []
            self._figures[indicateur] = Figures(self, int(runs[0]), int(runs[-1]) + 1) if len(runs) else Figures(self)
        return self._figures[indicateur]

    @property
    def indicators(self) -> list[str]:
        """Ids of the indicators that have rows."""
        return [name for name in self.words["indicateur"] if name is not None]

    def simulated(self) -> set[str]:
        """Ids of the indicators of which a figure is simulated."""
        made_up = self.codes["nature"] == self._number("nature", "simule")
        words = self.words["indicateur"]
        return {words[k] for k in np.unique(self.codes["indicateur"][made_up]).tolist()}

    def newest(self) -> list[Row]:
        """For each indicator and list of datasets, one known figure of its newest period, totals first."""
        known = np.flatnonzero(~np.isnan(self.codes["valeur"]))
        group = self.codes["indicateur"][known].astype(np.int64) * len(self.words["jeux"]) + self.codes["jeux"][known]
        distinct, group = np.unique(group, return_inverse=True)
        rank = self._period_rank[self.codes["periode"][known]]
        last = np.full(len(distinct), -1)
        np.maximum.at(last, group, rank)
        of_last = rank == last[group]
        place = known[of_last] + self.part[known[of_last]] * len(self.part)  # details come after every total
        first = np.full(len(distinct), np.iinfo(np.int64).max)
        np.minimum.at(first, group[of_last], place)
        return [self.rows(at, at + 1)[0] for at in (np.sort(first) % max(len(self.part), 1)).tolist()]

    def rows(self, start: int, end: int) -> list[Row]:
        """The rows of a range, as dicts in the columns of `fct_observation`."""
        columns = [self._values(name, slice(start, end)) for name in NAMES]
        return [dict(zip(NAMES, values, strict=True)) for values in zip(*columns, strict=True)]

    def remember(self, kept: dict[Place, list[Row]], place: Place) -> None:
        """Note that rows of a commune are kept; beyond `_KEPT` of them, all are let go."""
        if len(self._communes) >= _KEPT:
            for holder, old in self._communes:
                holder.pop(old, None)
            self._communes.clear()
        self._communes.append((kept, place))

    def _values(self, name: str, where: Any) -> list[Any]:
        found = self.codes[name][where].tolist()
        if name in self.words:
            words = self.words[name]
            return [words[k] for k in found]
        return [None if value != value else value for value in found]

    def _read(self, name: str, column: pa.ChunkedArray) -> None:
        if pa.types.is_floating(column.type):
            self.codes[name] = column.to_numpy()  # null is NaN: a figure is never one
            return
        listed = pa.types.is_list(column.type)
        plain = pc.binary_join(column, _SEPARATOR) if listed else column
        encoded = plain.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):  # an empty column has no chunk to combine
            encoded = encoded.combine_chunks()
        words = encoded.dictionary.to_pylist()
        if listed:
            words = [text.split(_SEPARATOR) if text else [] for text in words]
        self.words[name] = [*words, None]
        self.codes[name] = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)

    def _number(self, name: str, word: str) -> int:
        words = self.words[name]
        return words.index(word) if word in words else -2

    @cached_property
    def _period_rank(self) -> np.ndarray:
        """Place in time of each distinct period; two ways to write one moment share theirs."""
        words = self.words["periode"][:-1]
        keys = {word: sort_key(word) for word in words}
        ranks = {key: rank for rank, key in enumerate(sorted(set(keys.values())))}
        return np.array([*(ranks[keys[word]] for word in words), -1])

    def _order(self, run: np.ndarray) -> np.ndarray | None:
        """Where each row goes: by place, totals before details, then time, then detail; None when it is there."""
        names = self.words["ventilation"][:-1]
        by_name = {name: rank for rank, name in enumerate(sorted(names))}
        ventilation = np.array([*(by_name[name] for name in names), -1])[self.codes["ventilation"]]
        period = self._period_rank[self.codes["periode"]]
        part = self.codes["ventilation"] != self._number("ventilation", "")
        key = (run * 2 + part) * (period.max(initial=0) + 2) + period + 1
        key = key * (len(names) + 1) + ventilation + 1
        if bool(np.all(key[1:] >= key[:-1])):
            return None
        return np.argsort(key, kind="stable")


def _first_met(values: np.ndarray) -> np.ndarray:
    """For each value, the number of distinct values met before it."""
    new = np.flatnonzero(np.diff(values, prepend=values[:1] - 1)) if len(values) else values
    if len(np.unique(values[new])) == len(new):  # equal values stand together already
        return np.repeat(np.arange(len(new)), np.diff(np.append(new, len(values))))
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first, kind="stable"), kind="stable")[inverse]


class Figures:
    """The figures of one indicator.

    Attributes:
        series: (niveau, code) → totals in time order. parts: → figures with a ventilation, in time then name order.
    """

    def __init__(self, whole: Observed, first: int = 0, last: int = 0) -> None:
        self._whole, self._first, self._last = whole, first, last
        self._rows = slice(int(whole.first[first]), int(whole.first[last])) if last > first else slice(0, 0)
        starts = whole.first[first:last]
        niveaux, codes = (whole._values(name, starts) for name in ("territoire_niveau", "territoire_code"))
        self._places: dict[Place, int] = {
            place: first + i for i, place in enumerate(zip(niveaux, codes, strict=True))
        }
        self.series = Places(self, lambda run: (int(whole.first[run]), int(whole.middle[run])))
        self.parts = Places(self, lambda run: (int(whole.middle[run]), int(whole.first[run + 1])))

    def __bool__(self) -> bool:
        return self._last > self._first

    def values(self, niveau: str = "", detail: str = "") -> list[float]:
        """Known figures, totals and details, of a level ("" for every level), of one detail only if it is named."""
        kept = ~np.isnan(self._column("valeur"))
        if niveau:
            kept &= self._is("territoire_niveau", niveau)
        if detail:
            kept &= self._is("ventilation", detail)
        return self._column("valeur")[kept].tolist()

    def until(self, periode: str) -> Any:
        """The first last day (`jusqu_au`) that a figure of a period gives, or None."""
        days = self._column("jusqu_au")[self._is("periode", periode)]
        found = days[days >= 0]
        return self._whole.words["jusqu_au"][int(found[0])] if len(found) else None

    def words(self, name: str, niveau: str = "", *, details: bool = True) -> set[str]:
        """Distinct words of a text column, of a level ("" for every level), of details too."""
        kept = np.ones(self._rows.stop - self._rows.start, bool)
        if niveau:
            kept &= self._is("territoire_niveau", niveau)
        if not details:
            kept &= ~self._whole.part[self._rows]
        return {self._whole.words[name][k] for k in np.unique(self._column(name)[kept]).tolist()} - {None}

    def editions(self) -> set[str]:
        """Ids of the editions that some figure was made from."""
        lists = np.unique(self._column("editions")).tolist()
        return {edition for k in lists for edition in self._whole.words["editions"][k] or ()}

    def counts(self, niveau: str = "", codes: Collection[str] | None = None) -> dict[str, int]:
        """Totals that say something (not missing), by period, of a level and of some of its territories."""
        kept = ~self._whole.part[self._rows] & ~self._is("statut", Statut.MANQUANT)
        if niveau:
            kept &= self._is("territoire_niveau", niveau)
        if codes is not None:
            wanted = [word in codes for word in self._whole.words["territoire_code"]]
            kept &= np.array(wanted)[self._column("territoire_code")]
        found, numbers = np.unique(self._column("periode")[kept], return_counts=True)
        words = self._whole.words["periode"]
        return {words[k]: n for k, n in zip(found.tolist(), numbers.tolist(), strict=True)}

    def at(self, niveau: str, periode: str) -> dict[str, Row]:
        """The totals of a level at one period, by code of territory."""
        kept = ~self._whole.part[self._rows] & self._is("periode", periode) & self._is("territoire_niveau", niveau)
        where = np.flatnonzero(kept) + self._rows.start
        columns = [self._whole._values(name, where) for name in NAMES]
        rows = [dict(zip(NAMES, values, strict=True)) for values in zip(*columns, strict=True)]
        return {row["territoire_code"]: row for row in rows}

    def newest_of(self, niveau: str) -> list[tuple[str, str, str]]:
        """(code, period, statut) of the newest total of each territory of a level."""
        whole = self._whole
        runs = np.arange(self._first, self._last)
        last = whole.middle[runs] - 1
        last = last[last >= whole.first[runs]]
        last = last[whole.codes["territoire_niveau"][last] == whole._number("territoire_niveau", niveau)]
        return list(zip(*(whole._values(n, last) for n in ("territoire_code", "periode", "statut")), strict=True))

    def _column(self, name: str) -> np.ndarray:
        return self._whole.codes[name][self._rows]

    def _is(self, name: str, word: str) -> np.ndarray:
        return self._column(name) == self._whole._number(name, word)


class Places(Mapping[Place, list[Row]]):
    """Rows by territory, made when asked; a territory without any is absent."""

    def __init__(self, figures: Figures, bounds: Callable[[int], tuple[int, int]]) -> None:
        self._figures, self._bounds = figures, bounds
        self._kept: dict[Place, list[Row]] = {}

    def __getitem__(self, place: Place) -> list[Row]:
        found = self._kept.get(place)
        if found is None:
            start, end = self._bounds(self._figures._places[place])
            if start == end:
                raise KeyError(place)
            if place[0] == COMMUNE:
                self._figures._whole.remember(self._kept, place)
            found = self._kept[place] = self._figures._whole.rows(start, end)
        return found

    def __iter__(self) -> Iterator[Place]:
        for place, run in self._figures._places.items():
            start, end = self._bounds(run)
            if start < end:
                yield place

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return next(iter(self), None) is not None
