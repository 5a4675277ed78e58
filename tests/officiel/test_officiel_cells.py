"""The little language that finds an official figure: what it reads, and everything it refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.officiel.cells import CellError, Secret, _terms, figure, parse

TITLED = "Un titre;\nUne note;\nCODGEO;MED 1;TP-60;VIDE\n59001;12,5;s;\n59002;1 000;7;3\n;;En unité;\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "titres.csv").write_text("\ufeff" + TITLED, encoding="utf-8")
    (tmp_path / "virgules.csv").write_text("code,epci,n\n59001,A,2\n59002,A,3\n59003,B,4\n", encoding="utf-8")
    (tmp_path / "doublon.csv").write_text("a,n,n\n1,2,3\n", encoding="utf-8")
    (tmp_path / "page.txt").write_text("Ensemble 156 690 100,0\n12,5 et 12,6\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("fichier", "cellule", "expected"),
    [
        ("titres.csv", "valeur: MED 1 | où: CODGEO=59001", "12.5"),
        ("titres.csv", "valeur: MED 1 | où: CODGEO=59002", "1000"),
        ("titres.csv", "valeur: VIDE | où: CODGEO=59001 | vide: 0", "0"),
        ("titres.csv", "somme: MED 1 + VIDE - TP-60 | où: CODGEO=59002", "996"),
        ("titres.csv", "compte: lignes | où: TP-60=s", "1"),
        ("titres.csv", "compte: lignes | où: VIDE=", "2"),
        ("titres.csv", "compte: lignes | où: CODGEO=59001 ou 59002", "2"),
        ("titres.csv", "compte: lignes | où: CODGEO dans virgules.csv#code", "2"),
        ("titres.csv", "compte: lignes | où: CODGEO dans virgules.csv#code[n=3]", "1"),
        ("virgules.csv", "somme: n | où: epci=A | sur: n | fois: 4", "4"),
        ("virgules.csv", "somme: n | moins: n | moins où: code=59003", "5"),
        ("virgules.csv", "somme: n | où: epci=A, n=2", "2"),
        ("virgules.csv", "moyenne: n | où: epci=A, code=59002 | poids: titres.csv#MED 1#CODGEO=code", "3"),
        ("page.txt", r"texte: Ensemble ([0-9 ]+) 100", "156690"),
    ],
)
def test_a_figure_is_found(files, fichier, cellule, expected):
    assert figure(files, fichier, cellule) == Decimal(expected)


def test_a_suppressed_figure_is_a_secret_never_zero(files):
    assert figure(files, "titres.csv", "valeur: TP-60 | où: CODGEO=59001") == Secret()
    assert figure(files, "titres.csv", "valeur: VIDE | où: CODGEO=59001 | vide: secret") == Secret()


@pytest.mark.parametrize(
    ("fichier", "cellule", "says"),
    [
        ("titres.csv", "valeur: VIDE | où: CODGEO=59001", "n'est pas un nombre"),
        ("titres.csv", "valeur: MED 1", "lignes conviennent"),
        ("titres.csv", "valeur: MED 1 | où: CODGEO=59009", "0 lignes"),
        ("titres.csv", "valeur: MED 2 | où: CODGEO=59001", "Aucune ligne de titres"),
        ("titres.csv", "somme: TP-60 | où: CODGEO=59001", "secret"),
        ("titres.csv", "somme: MED 1 | où: CODGEO=59009", "Aucune ligne"),
        ("titres.csv", "compte: cellules", "On compte des lignes"),
        ("titres.csv", "valeur: MED 1 | où: CODGEO", "n'est pas comprise"),
        ("titres.csv", "valeur: MED 1 | ou: CODGEO=59001", "n'est pas comprise"),
        ("titres.csv", "valeur: MED 1 | valeur: VIDE", "n'est pas comprise"),
        ("titres.csv", "où: CODGEO=59001", "exactement une chose"),
        ("titres.csv", "valeur: MED 1 | somme: VIDE", "exactement une chose"),
        ("doublon.csv", "somme: n", "même titre"),
        ("virgules.csv", "moyenne: n | où: epci=B | poids: titres.csv#MED 1#CODGEO=code", "Aucun poids"),
        ("virgules.csv", "moyenne: n", "poids"),
        ("page.txt", r"texte: (12,\d)", "trouvé 2 fois"),
        ("page.txt", "texte: absent ([0-9])", "trouvé 0 fois"),
        ("absent.csv", "somme: n", "n'existe pas"),
        ("titres.csv", "cellule: A1", "classeur"),
    ],
)
def test_what_cannot_be_read_for_sure_is_refused_with_its_place(files, fichier, cellule, says):
    with pytest.raises(CellError, match=says) as refusal:
        figure(files, fichier, cellule)
    assert cellule in refusal.value.where


def test_a_cell_of_a_workbook(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Feuille"
    book.active["AB3"] = 8.5
    book.save(tmp_path / "x.xlsx")
    assert figure(tmp_path, "x.xlsx", "feuille: Feuille | cellule: AB3") == Decimal("8.5")
    for cellule in (
        "feuille: Autre | cellule: AB3",
        "feuille: Feuille | cellule: AB4",
        "feuille: Feuille | cellule: 3AB",
    ):
        with pytest.raises(CellError):
            figure(tmp_path, "x.xlsx", cellule)


names = st.text("abcé-_ XYZ09", min_size=1, max_size=8).map(str.strip).filter(lambda t: t and not t.startswith("-"))


@given(st.lists(st.tuples(st.sampled_from([1, -1]), names), min_size=1, max_size=5))
def test_terms_keep_hyphens_and_blanks_of_column_names(terms):
    terms = [(1, terms[0][1]), *terms[1:]]
    text = terms[0][1] + "".join(f" {'+' if sign == 1 else '-'} {name}" for sign, name in terms[1:])
    if not any(f" {mark} " in f" {name} " for _, name in terms for mark in "+-"):
        assert _terms(text) == terms


def test_parse_keeps_the_options():
    cell = parse("somme: a | où: b=c | vide: 0")
    assert (cell.kind, cell.text, dict(cell.options)) == ("somme", "a", {"où": "b=c", "vide": "0"})
