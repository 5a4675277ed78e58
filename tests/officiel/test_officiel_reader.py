"""The table of official figures and the comparison: what is refused, what differs, what secret and missing mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.officiel.comparison import Published, difference
from tests.officiel.reader import COLUMNS, OfficielError, read, years

GOOD = "taux_pauvrete,valeur,commune,59001,2021,,a.csv,valeur: TP | où: CODGEO=59001,%,1,0,autre,"


HEADER = ",".join(COLUMNS)


def write(tmp_path, *lines, header=HEADER):
    path = tmp_path / "officiel.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def test_the_table_of_the_project_is_read_and_holds_no_value():
    rows = read()
    assert len(rows) > 500
    assert len({row.id + row.fichier for row in rows}) == len(rows)
    assert not {"valeur", "attendu", "value"} & set(COLUMNS)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (GOOD.replace("valeur,commune", "autre,commune"), "inconnu"),
        (GOOD.replace("commune", "ville"), "inconnu"),
        (GOOD.replace("autre,", "ailleurs,"), "inconnu"),
        (GOOD.replace("%,1,0", "%,un,0"), "n'est pas un nombre"),
        (GOOD.replace("%,1,0", "%,0,0"), "n'est pas permis"),
        (GOOD.replace("%,1,0", "%,1,-1"), "n'est pas permis"),
        (GOOD.replace("a.csv", ""), "vide"),
        (GOOD.replace("a.csv", " a.csv"), "vide"),
        (GOOD + ",de trop", "nombre de cellules"),
        ("taux_pauvrete,valeur", "nombre de cellules"),
    ],
)
def test_a_malformed_row_is_refused_with_its_line(tmp_path, line, says):
    with pytest.raises(OfficielError, match=says) as refusal:
        read(write(tmp_path, GOOD, line))
    assert "ligne 3" in refusal.value.where


def test_a_row_written_twice_and_other_columns_are_refused(tmp_path):
    with pytest.raises(OfficielError, match="deux fois"):
        read(write(tmp_path, GOOD, GOOD))
    with pytest.raises(OfficielError, match="colonnes"):
        read(write(tmp_path, GOOD, header="a,b"))


def test_years_of_a_period():
    assert list(years("2021")) == ["2021"]
    assert list(years("2021-T3")) == ["2021-T3"]
    assert list(years("2011..2013")) == ["2011", "2012", "2013"]


@pytest.fixture
def official(tmp_path):
    (tmp_path / "a.csv").write_text("CODGEO;TP\n59001;21,4\n59002;s\n59003;s\n", encoding="utf-8")
    return read(write(tmp_path, GOOD))[0]


def release(*observations, decimals=1, unite="% des habitants"):
    rows = [
        {
            "indicateur": "taux_pauvrete",
            "territoire_niveau": "commune",
            "territoire_code": code,
            "periode": "2021",
            "ventilation": "",
            "unite": unite,
            "valeur": value,
            "statut": statut,
        }
        for code, value, statut in observations
    ]
    places = [
        {"niveau": "commune", "code": c, "epci": e} for c, e in (("59001", "A"), ("59002", "A"), ("59003", "B"))
    ]
    places.append({"niveau": "epci", "code": "A", "epci": "A"})
    return Published(rows, [{"indicateur": "taux_pauvrete", "decimales": decimals}], places)


@pytest.mark.parametrize(
    ("value", "statut", "decimals", "same"),
    [
        (21.4, "definitif", 1, True),
        (21.45, "definitif", 1, True),  # half a unit of the last decimal published
        (21.46, "definitif", 1, False),
        (21.0, "definitif", 0, True),
        (21.0, "definitif", 1, False),
        (None, "secret", 1, False),
        (None, "manquant", 1, False),
        (0.0, "secret", 1, False),
    ],
)
def test_a_value_is_the_same_within_the_rounding_published(official, tmp_path, value, statut, decimals, same):
    text = difference(official, tmp_path, release(("59001", value, statut), decimals=decimals))
    assert (text == "") == same, text


def test_the_tolerance_of_a_file_comes_on_top(official, tmp_path):
    assert difference(official, tmp_path, release(("59001", 21.9, "definitif")))
    loose = replace(official, tolerance=type(official.tolerance)("0.5"))
    assert not difference(loose, tmp_path, release(("59001", 21.9, "definitif")))


def test_another_unit_differs(official, tmp_path):
    assert "unité publiée" in difference(official, tmp_path, release(("59001", 21.4, "definitif"), unite="habitants"))


def test_a_missing_observation_differs(official, tmp_path):
    assert "pas publiée" in difference(official, tmp_path, release())


@pytest.mark.parametrize(
    ("value", "statut", "same"),
    [(None, "secret", True), (0.0, "secret", False), (None, "manquant", False), (0.0, "definitif", False)],
)
def test_a_secret_is_published_as_a_secret_without_value(official, tmp_path, value, statut, same):
    hidden = replace(official, mesure="secret", territoire_code="59002", cellule="valeur: TP | où: CODGEO=59002")
    text = difference(hidden, tmp_path, release(("59002", value, statut)))
    assert (text == "") == same, text


def test_a_row_that_announces_a_secret_must_find_one(official, tmp_path):
    assert "21.4" in difference(replace(official, mesure="secret"), tmp_path, release(("59001", None, "secret")))


def test_secrets_and_communes_are_counted(official, tmp_path):
    count = replace(official, mesure="nombre_secrets", territoire_code="", cellule="compte: lignes | où: TP=s")
    two = (("59001", 21.4, "definitif"), ("59002", None, "secret"), ("59003", None, "secret"))
    assert not difference(count, tmp_path, release(*two))
    assert "1 au lieu de 2" in difference(count, tmp_path, release(*two[:2]))
    assert difference(replace(count, territoire_code="A"), tmp_path, release(*two))
    communes = replace(count, mesure="nombre_communes", cellule="compte: lignes")
    assert not difference(communes, tmp_path, release(*two))
    assert "2 au lieu de 3" in difference(communes, tmp_path, release(*two[1:]))


def test_an_observation_published_twice_is_an_error():
    with pytest.raises(AssertionError, match="deux observations"):
        release(("59001", 1.0, "definitif"), ("59001", 2.0, "definitif"))
