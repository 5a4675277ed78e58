"""The part of data-fair's query language that clients of the observatory use: column filters and `qs`.

Supported: `<key>_eq _neq _in _nin _gt _gte _lt _lte _starts _exists _nexists`, and in `qs` terms `key:"value"`,
`key:value`, `key:(A OR B)`, joined by AND and OR with parentheses and NOT. Anything else is refused with the 400 in
plain text that the real server gives, so that a client never believes it filtered when it did not.

Not here: full text (`q`), geographic filters, wildcards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
Test = Callable[[Record], bool]

_TOKEN = re.compile(r'\s*(?:(?P<punct>[():])|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s():"]+))')
_SUFFIXES = ("eq", "neq", "in", "nin", "gte", "gt", "lte", "lt", "starts", "nexists", "exists")


class QueryError(ValueError):
    """The sentence of a 400."""


def unknown(param: str, key: str) -> QueryError:
    return QueryError(f'Le paramètre "{param}" référence un champ inconnu {key}')


def filters(params: Sequence[tuple[str, str]], keys: Sequence[str]) -> list[Test]:
    """Tests of every column filter and of `qs` among the parameters of a request.

    Raises:
        QueryError: a filter on a key that the dataset does not have, or a `qs` that cannot be read.
    """
    tests: list[Test] = []
    for name, value in params:
        if name == "qs":
            tests.append(_Qs(value, keys).parse())
            continue
        stem, _, suffix = name.rpartition("_")
        if suffix in _SUFFIXES and stem:
            if stem not in keys:
                raise unknown(name, stem)
            tests.append(_column(stem, suffix, value))
    return tests


def _same(found: Any, wanted: str) -> bool:
    if isinstance(found, int | float) and not isinstance(found, bool):
        try:
            return float(wanted) == found
        except ValueError:
            return False
    return found is not None and str(found) == wanted


def _column(key: str, suffix: str, value: str) -> Test:
    several = [piece.strip().strip('"') for piece in value.split(",")]
    if suffix == "eq":
        return lambda row: _same(row.get(key), value)
    if suffix == "neq":
        return lambda row: not _same(row.get(key), value)
    if suffix == "in":
        return lambda row: any(_same(row.get(key), one) for one in several)
    if suffix == "nin":
        return lambda row: not any(_same(row.get(key), one) for one in several)
    if suffix == "starts":
        return lambda row: str(row.get(key) or "").startswith(value)
    if suffix == "exists":
        return lambda row: row.get(key) is not None
    if suffix == "nexists":
        return lambda row: row.get(key) is None
    return lambda row: _ordered(row.get(key), suffix, value)


def _ordered(found: Any, suffix: str, value: str) -> bool:
    if found is None:
        return False
    left: Any = found
    right: Any = value
    if isinstance(found, int | float):
        try:
            right = float(value)
        except ValueError:
            return False
    else:
        left = str(found)
    results = {"gt": left > right, "gte": left >= right, "lt": left < right, "lte": left <= right}
    return results[suffix]


class _Qs:
    """Recursive descent over the Lucene subset; `or_` binds looser than `and_`, two terms side by side are an OR."""

    def __init__(self, text: str, keys: Sequence[str]) -> None:
        self._tokens = self._split(text)
        self._keys = keys
        self._at = 0

    @staticmethod
    def _split(text: str) -> list[tuple[str, str]]:
        tokens, at = [], 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                raise QueryError(f'Le paramètre "qs" est mal formé : {text[at:]}')
            kind = str(match.lastgroup)
            tokens.append((kind, match[kind]))
            at = match.end()
        return tokens

    def parse(self) -> Test:
        test = self._or()
        if self._at < len(self._tokens):
            raise QueryError(f'Le paramètre "qs" est mal formé : {self._tokens[self._at][1]}')
        return test

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, kind: str = "", text: str = "") -> str:
        found = self._peek()
        if (kind and found[0] != kind) or (text and found[1] != text):
            raise QueryError(f'Le paramètre "qs" est mal formé : {found[1] or "fin inattendue"}')
        self._at += 1
        return found[1]

    def _or(self) -> Test:
        tests = [self._and()]
        while self._peek()[0] != "end" and self._peek() != ("punct", ")"):
            if self._peek() == ("word", "OR"):
                self._take()
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def _and(self) -> Test:
        tests = [self._term()]
        while self._peek() == ("word", "AND"):
            self._take()
            tests.append(self._term())
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _term(self) -> Test:
        if self._peek() == ("word", "NOT"):
            self._take()
            inner = self._term()
            return lambda row: not inner(row)
        if self._peek() == ("punct", "("):
            self._take()
            inner = self._or()
            self._take("punct", ")")
            return inner
        key = self._take("word")
        self._take("punct", ":")
        if key not in self._keys:
            raise unknown("qs", key)
        values = self._values()
        return lambda row: any(_same(row.get(key), value) for value in values)

    def _values(self) -> list[str]:
        if self._peek() != ("punct", "("):
            return [self._value()]
        self._take()
        values = [self._value()]
        while self._peek() != ("punct", ")"):
            if self._peek() == ("word", "OR"):
                self._take()
            values.append(self._value())
        self._take("punct", ")")
        return values

    def _value(self) -> str:
        kind, _ = self._peek()
        if kind not in ("word", "quoted"):
            self._take("word")
        return self._take()
