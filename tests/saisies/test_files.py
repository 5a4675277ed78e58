"""Files as they come: workbooks, damaged archives, formulas, and 200 malformed files with a known outcome."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.core.datasets import Page
from flows.core.errors import DecodeError
from flows.sources import saisies
from flows.sources.saisies_cells import HEADER, folded, number
from flows.sources.saisies_csv import MAX_BYTES, MAX_ROWS
from tests.saisies.deposits import csv_of, reference, row, xlsx_of


def reasons(body: bytes, name: str = "depot.xlsx") -> list[str]:
    _, verified = saisies.judge(body, reference(), name)
    return [p.reason for p in verified.problems]


def test_a_workbook_is_read_like_a_csv() -> None:
    good = row(valeur=412.5, periode=2024, territoire_code=200042190, date_saisie=dt.date(2025, 3, 31))
    table = saisies.decode([Page("x", xlsx_of(good, row(territoire_type="commune", territoire_code="59172")))])
    same = saisies.decode(
        [Page("x", csv_of(row(valeur="412,5"), row(territoire_type="commune", territoire_code="59172")))]
    )
    assert table.equals(same)


def test_the_sheet_named_saisie_is_read() -> None:
    body = xlsx_of(row(), sheet="SAISIE")
    assert saisies.read(body).form == "classeur Excel, feuille « SAISIE »" and reasons(body) == []


def test_a_formula_is_refused_where_it_stands() -> None:
    _, verified = saisies.judge(xlsx_of(row(), row(valeur="=1+1"), formulas=True), reference(), "d.xlsx")
    assert [(p.line, p.column) for p in verified.problems if "formule" in p.reason] == [(3, "valeur")]


def edited(body: bytes, change: object) -> bytes:
    """A workbook whose parts went through `change(name, data)`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))  # type: ignore[operator]
    return out.getvalue()


def test_what_a_workbook_may_not_be() -> None:
    good = xlsx_of(row())
    sheet = "xl/worksheets/sheet1.xml"

    def far(name: str, data: bytes) -> bytes:
        return data.replace(b"</sheetData>", b'<row r="900000"><c r="XFD900000"><v>1</v></c></row></sheetData>')

    def entities(name: str, data: bytes) -> bytes:
        return data.replace(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet', 1) if name == sheet else data

    def error(name: str, data: bytes) -> bytes:
        return data.replace(b'<c r="E2"><v>412', b'<c r="E2" t="e"><v>#N/A') if name == sheet else data

    assert any("loin du tableau" in r for r in reasons(edited(good, far)))
    assert any("entités" in r for r in reasons(edited(good, entities)))
    assert any("erreur de calcul" in r for r in reasons(edited(xlsx_of(row(valeur=412)), error)))
    assert any("abîmé" in r for r in reasons(good[: len(good) // 2]))
    assert any(".xls" in r for r in reasons(b"\xd0\xcf\x11\xe0" + b"0" * 600))
    assert any("n’est pas celui" in r for r in reasons(good, "depot.csv"))
    assert any("extension" in r for r in reasons(good, "depot.ods"))


def test_an_encoding_that_does_not_exist_is_a_damaged_file() -> None:
    """The XML reader looks such a name up among Python's: what it raises then is no error of XML."""
    broken = edited(xlsx_of(row()), lambda _, data: data.replace(b'encoding="UTF-8"', b'encoding="UTF-2044"'))
    assert any("abîmé" in reason for reason in reasons(broken))


def test_a_bomb_is_refused_before_it_bursts() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    assert len(out.getvalue()) < 100_000
    assert any("une fois décompressé" in r for r in reasons(out.getvalue()))
    with zipfile.ZipFile(many := io.BytesIO(), "w") as archive:
        for i in range(400):
            archive.writestr(f"xl/{i}.xml", b"")
    assert any("parties" in r for r in reasons(many.getvalue()))


def test_a_file_that_is_too_long_is_refused() -> None:
    assert any("Mo admis" in r for r in reasons(b"a" * (MAX_BYTES + 1), "d.csv"))
    rows = [row(periode=str(1000 + i)) for i in range(MAX_ROWS + 1)]
    assert any(f"plus de {MAX_ROWS} lignes" in r for r in reasons(csv_of(*rows), "d.csv"))


def test_undecodable_bytes_raise_a_typed_error() -> None:
    with pytest.raises(DecodeError, match="ne suit pas le contrat") as caught:
        saisies.decode([Page("dépôt 1", csv_of(row(valeur="x")))])
    assert caught.value.where == "dépôt 1, ligne 2" and caught.value.todo


GOOD = [row(), row(territoire_type="commune", territoire_code="59172", valeur="40")]


def _malformed(seed: int) -> tuple[str, bytes]:
    """One malformed file and what was done to it, drawn from its seed."""
    draw = random.Random(seed)
    lines = csv_of(*GOOD, end="\n").decode().splitlines()
    kinds = ("column", "rename", "separator", "truncated", "repeated", "quote", "html", "control", "utf16",
             "mojibake", "cells", "empty", "no header", "bytes")  # fmt: skip
    kind = kinds[seed % len(kinds)]
    at = draw.randrange(len(HEADER))
    if kind == "column":
        lines = [";".join(c for i, c in enumerate(line.split(";")) if i != at) for line in lines]
    elif kind == "rename":
        lines[0] = lines[0].replace(HEADER[at], HEADER[at] + "x")
    elif kind == "separator":
        lines = [line.replace(";", draw.choice("|\t:")) for line in lines]
    elif kind == "truncated":  # inside the last row, before its last separators
        text = "\n".join(lines)
        return kind, text[: text.rindex("\n") + draw.randrange(1, lines[-1].rindex(";") - 9)].encode()
    elif kind == "repeated":
        lines.append(lines[1])
    elif kind == "quote":
        lines[1] = '"' + lines[1]
    elif kind == "html":
        return kind, b"<!DOCTYPE html><html><body>Maintenance</body></html>"
    elif kind == "control":
        lines[1] += chr(draw.choice((0, 1, 7, 27)))
    elif kind == "utf16":
        return kind, "\n".join(lines).encode("utf-16")
    elif kind == "mojibake":
        lines[1] = lines[1].replace("bilan", "RÃ©habilitÃ©")
    elif kind == "cells":
        lines[2] = draw.choice((lines[2] + ";x", lines[2].replace(";", "", 1)))
    elif kind == "empty":
        return kind, draw.choice((b"", b"\n\n", b"\xef\xbb\xbf", (lines[0] + "\n").encode()))
    elif kind == "no header":
        lines = lines[1:]
    else:
        return kind, bytes(draw.choice((0x81, 0x8D, 0x9D, 0xFF)) for _ in range(50)) + b"\n"
    return kind, ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize("seed", range(200))
def test_a_malformed_file_is_refused_with_a_reason(seed: int) -> None:
    kind, body = _malformed(seed)
    _, verified = saisies.judge(body, reference(), "depot.csv")
    assert verified.problems, kind
    assert all(p.reason and p.todo for p in verified.problems), kind


@given(st.binary(max_size=400))
def test_no_bytes_are_a_crash(body: bytes) -> None:
    saisies.judge(body, reference(), "depot.csv")
    saisies.judge(b"PK\x03\x04" + body, reference(), "depot.xlsx")


@settings(max_examples=20)
@given(st.lists(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=30), min_size=11, max_size=11))
def test_any_cells_are_judged_without_a_crash(texts: list[str]) -> None:
    _, verified = saisies.judge(xlsx_of(row(), dict(zip(HEADER, texts, strict=True))), reference(), "depot.xlsx")
    assert all(p.todo for p in verified.problems)


@settings(max_examples=20)
@given(st.permutations(list(HEADER)))
def test_the_order_of_columns_is_free(order: list[str]) -> None:
    expected = saisies.decode([Page("x", csv_of(*GOOD))])
    assert saisies.decode([Page("x", csv_of(*GOOD, header=order))]).equals(expected)


@given(st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_a_number_survives_every_writing(whole: int, decimals: int) -> None:
    text = f"{whole / 10**decimals:.{decimals}f}"
    grouped = f"{whole / 10**decimals:,.{decimals}f}"
    for blank in ("\u00a0", "\u202f", " "):
        assert number(text) == number(text.replace(".", ",")) == number(grouped.replace(",", blank)) == float(text)


@given(st.sampled_from(["M²/AN", "m2 / an", "m²\u00a0/ an"]))
def test_units_fold_to_one_writing(text: str) -> None:
    assert folded(text) == folded("m²/an")
