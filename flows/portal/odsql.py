"""The part of ODSQL (Opendatasoft Explore v2.1) that clients of the observatory use.

`select`: fields, `*`, `count(*)`, and `sum avg min max count` of a field, each with `as <alias>`.
`where`: `= != < <= > >=` with strings, numbers and `date'…'`, `in (…)`, `not`, `is [not] null`, `startswith(f, "x")`,
`and`, `or`, parentheses. `group_by` and `order_by`: lists of fields. Anything else is refused with `ODSQLError`, as
the real server refuses what it cannot read.

Not here: full text, geographic and date functions, HTTP (`flows.portal.explore`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]
Test = Callable[[Record], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<date>date'(?P<day>[^']*)')
      | "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^'\\]|\\.)*)'
      | (?P<number>-?\d+(?:\.\d+)?)(?![\w])
      | (?P<op><=|>=|!=|<>|=|<|>|\(|\)|,|\*)
      | (?P<word>[A-Za-z_][\w]*)
    )""",
    re.VERBOSE,
)
_AGGREGATES = ("sum", "avg", "min", "max", "count")


class OdsqlError(ValueError):
    """A clause that cannot be read; the text goes into the 400."""

    def __init__(self, clause: str, text: str) -> None:
        super().__init__(f"ODSQL query is malformed: {text} Clause(s) containing the error(s): {clause}.")


@dataclass(frozen=True)
class Column:
    """One selected expression: a field, or an aggregate of one (`*` with count counts rows)."""

    name: str
    field: str
    aggregate: str = ""


def select(text: str, fields: Sequence[str]) -> list[Column]:
    """Columns of a `select` clause, in order; an empty text selects every field.

    Raises:
        OdsqlError: unknown field or function, or a clause that cannot be read.
    """
    columns: list[Column] = []
    for piece in _split(text or "*"):
        match = re.fullmatch(
            r"\s*(?:(?P<fn>\w+)\s*\(\s*(?P<arg>\*|\w+)\s*\)|(?P<field>\*|\w+))(?:\s+as\s+(?P<alias>\w+))?\s*",
            piece,
            re.IGNORECASE,
        )
        if match is None:
            raise OdsqlError("select", piece.strip())
        if match["field"] == "*":
            columns += [Column(name, name) for name in fields]
            continue
        function = (match["fn"] or "").lower()
        field = match["arg"] or match["field"]
        if (function and function not in _AGGREGATES) or (field == "*" and function != "count"):
            raise OdsqlError("select", f"{piece.strip()}()" if "(" not in piece else piece.strip())
        if field != "*" and field not in fields:
            raise OdsqlError("select", f"Unknown field: {field}.")
        columns.append(Column(match["alias"] or piece.strip(), field, function))
    return columns


def names(clause: str, text: str, fields: Sequence[str]) -> list[tuple[str, bool]]:
    """(field, descending) of a `group_by` or `order_by` clause.

    Raises:
        OdsqlError: unknown field, or a clause that cannot be read.
    """
    out = []
    for piece in _split(text):
        match = re.fullmatch(r"\s*(-?)(\w+)(?:\s+(asc|desc))?\s*", piece, re.IGNORECASE)
        if match is None or match[2] not in fields:
            raise OdsqlError(clause, piece.strip())
        out.append((match[2], bool(match[1]) or (match[3] or "").lower() == "desc"))
    return out


def where(text: str, fields: Sequence[str]) -> Test:
    """Test of a `where` clause; an empty text keeps everything.

    Raises:
        OdsqlError: unknown field or function, or a clause that cannot be read.
    """
    if not text.strip():
        return lambda row: True
    return _Where(text, fields).parse()


def aggregate(columns: Sequence[Column], group: Sequence[str], rows: Sequence[Record]) -> list[dict[str, Any]]:
    """Rows grouped by `group` (sorted by its values), one dictionary a group with the selected columns.

    Sums ignore nulls and are null when every value is: a sum over nulls is not a total of zero.
    """
    groups: dict[tuple[str, ...], list[Record]] = {}
    for row in rows:
        groups.setdefault(tuple(str(row.get(field) or "") for field in group), []).append(row)
    if not group and not groups:
        groups[()] = []
    out = []
    for key in sorted(groups):
        found = groups[key]
        entry: dict[str, Any] = {field: found[0].get(field) for field in group}
        for column in columns:
            if not column.aggregate:
                entry[column.name] = found[0].get(column.field) if found else None
            else:
                entry[column.name] = _value(column, found)
        out.append(entry)
    return out


def _value(column: Column, rows: Sequence[Record]) -> Any:
    if column.field == "*":
        return len(rows)
    values = [row[column.field] for row in rows if row.get(column.field) is not None]
    if column.aggregate == "count":
        return len(values)
    if not values:
        return None
    if column.aggregate == "sum":
        return round(sum(values), 6)
    return {"avg": lambda: sum(values) / len(values), "min": lambda: min(values), "max": lambda: max(values)}[
        column.aggregate
    ]()


def _split(text: str) -> list[str]:
    """Pieces between the commas that stand outside parentheses."""
    pieces, depth, start = [], 0, 0
    for i, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            pieces.append(text[start:i])
            start = i + 1
    pieces.append(text[start:])
    return [piece for piece in pieces if piece.strip()]


class _Where:
    """Recursive descent; `and` binds tighter than `or`."""

    def __init__(self, text: str, fields: Sequence[str]) -> None:
        self._fields = fields
        self._tokens: list[tuple[str, Any]] = []
        self._at = 0
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                raise OdsqlError("where", text[at:].strip())
            self._tokens.append(self._token(match))
            at = match.end()

    @staticmethod
    def _token(match: re.Match[str]) -> tuple[str, Any]:
        if match["date"] is not None:
            return ("value", match["day"])
        for name in ("double", "single"):
            if match[name] is not None:
                return ("value", re.sub(r"\\(.)", r"\1", match[name]))
        if match["number"] is not None:
            return ("value", float(match["number"]))
        return ("op", match["op"]) if match["op"] is not None else ("word", match["word"])

    def parse(self) -> Test:
        test = self._or()
        if self._at < len(self._tokens):
            raise OdsqlError("where", str(self._tokens[self._at][1]))
        return test

    def _peek(self) -> tuple[str, Any]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _word(self, *words: str) -> bool:
        kind, text = self._peek()
        if kind == "word" and text.lower() in words:
            self._at += 1
            return True
        return False

    def _op(self, text: str) -> None:
        if self._peek() != ("op", text):
            raise OdsqlError("where", str(self._peek()[1] or "unexpected end"))
        self._at += 1

    def _or(self) -> Test:
        tests = [self._and()]
        while self._word("or"):
            tests.append(self._and())
        return lambda row: any(test(row) for test in tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self._word("and"):
            tests.append(self._not())
        return lambda row: all(test(row) for test in tests)

    def _not(self) -> Test:
        if self._word("not"):
            inner = self._not()
            return lambda row: not inner(row)
        if self._peek() == ("op", "("):
            self._op("(")
            inner = self._or()
            self._op(")")
            return inner
        return self._condition()

    def _field(self) -> str:
        kind, text = self._peek()
        if kind != "word" or text not in self._fields:
            raise OdsqlError("where", f"Unknown field: {text}.")
        self._at += 1
        return str(text)

    def _value(self) -> Any:
        kind, value = self._peek()
        if kind != "value":
            raise OdsqlError("where", str(value or "unexpected end"))
        self._at += 1
        return value

    def _condition(self) -> Test:
        if self._word("startswith"):
            self._op("(")
            field = self._field()
            self._op(",")
            start = str(self._value())
            self._op(")")
            return lambda row: str(row.get(field) or "").startswith(start)
        field = self._field()
        if self._word("is"):
            negated = self._word("not")
            if not self._word("null"):
                raise OdsqlError("where", str(self._peek()[1]))
            return lambda row: (row.get(field) is None) != negated
        if self._word("in"):
            values = self._list()
            return lambda row: row.get(field) in values
        return self._compared(field)

    def _list(self) -> list[Any]:
        self._op("(")
        values = [self._value()]
        while self._peek() == ("op", ","):
            self._op(",")
            values.append(self._value())
        self._op(")")
        return values

    def _compared(self, field: str) -> Test:
        kind, sign = self._peek()
        if kind != "op" or sign not in ("=", "!=", "<>", "<", "<=", ">", ">="):
            raise OdsqlError("where", str(sign or "unexpected end"))
        self._at += 1
        wanted = self._value()
        if sign == "=":
            return lambda row: row.get(field) == wanted
        if sign in ("!=", "<>"):
            return lambda row: row.get(field) != wanted
        return lambda row: _ordered(row.get(field), str(sign), wanted)


def _ordered(found: Any, sign: str, wanted: Any) -> bool:
    if found is None or isinstance(found, str) != isinstance(wanted, str):
        return False
    return bool({"<": found < wanted, "<=": found <= wanted, ">": found > wanted, ">=": found >= wanted}[sign])
