"""Numbers, periods and names as French readers write them."""

from __future__ import annotations

import csv
import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.core.periods import PeriodError
from flows.publishing import grammar, numbers

COMMUNES = Path(__file__).parents[2] / "warehouse" / "demonstration" / "geo__communes.csv"


@pytest.mark.parametrize(
    ("value", "decimals", "options", "expected"),
    [
        (18550, 0, {}, "18\u202f550"),
        (1234567.5, 1, {}, "1\u202f234\u202f567,5"),
        (-3.25, 1, {}, "\u22123,3"),
        (1.2, 1, {"sign": True}, "+1,2"),
        (-0.04, 1, {"sign": True}, "0,0"),
        (2.675, 2, {}, "2,68"),  # half up on the decimal writing: the binary form is below
        (12.0, 1, {"trim": True}, "12"),
        (None, 1, {}, "non disponible"),
    ],
)
def test_number(value, decimals, options, expected):
    assert numbers.number(value, decimals, **options) == expected


@given(
    st.floats(min_value=-1e12, max_value=1e12, allow_nan=False, allow_infinity=False),
    st.integers(min_value=0, max_value=4),
)
def test_a_number_reads_back_as_itself(value, decimals):
    text = numbers.number(value, decimals)
    back = Decimal(text.replace("\u202f", "").replace("\u2212", "-").replace(",", "."))
    assert back == Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    assert re.fullmatch(r"\u2212?\d{1,3}(\u202f\d{3})*(,\d+)?", text)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_refused(value):
    with pytest.raises(numbers.NumberError) as error:
        numbers.number(value)
    assert error.value.todo


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "expected"),
    [
        (1, "jours", 0, "1\u00a0jour"),
        (1.9, "points", 1, "1,9\u00a0point"),
        (2, "jours", 0, "2\u00a0jours"),
        (0, "habitants", 0, "0\u00a0habitant"),
        (0.1, "ans", 1, "0,1\u00a0an"),
        (1, "ha", 0, "1\u00a0ha"),
        (3, "ktCO2e", 0, "3\u00a0ktCO₂e"),
        (12.34, "%", 1, "12,3\u00a0%"),
        (5, "", 0, "5"),
        (1, "logements sociaux", 0, "1\u00a0logement\u00a0social"),
    ],
)
def test_units_agree(value, unit, decimals, expected):
    assert numbers.with_unit(value, unit, decimals) == expected


def test_secret_is_said_and_is_not_zero():
    assert numbers.with_unit(None, "€", statut="secret") == "secret statistique"
    assert numbers.with_unit(None, "€", statut="manquant") == "non disponible"
    assert numbers.with_unit(0.0, "€") == "0\u00a0€"


@pytest.mark.parametrize(
    ("period", "within", "since", "short"),
    [
        ("2021", "en 2021", "depuis 2021", "2021"),
        ("2018/2022", "de 2018 à 2022", "depuis la période 2018 à 2022", "2018-2022"),
        ("2021-T3", "au 3e trimestre 2021", "depuis le 3e trimestre 2021", "T3 2021"),
        ("2021-T1", "au 1er trimestre 2021", "depuis le 1er trimestre 2021", "T1 2021"),
        ("2021-06", "en juin 2021", "depuis juin 2021", "juin 2021"),
        ("2021-08-01", "le 1er août 2021", "depuis le 1er août 2021", "01/08/2021"),
    ],
)
def test_periods(period, within, since, short):
    assert numbers.in_period(period).replace("\u00a0", " ") == within
    assert numbers.since_period(period).replace("\u00a0", " ") == since
    assert numbers.short_period(period).replace("\u00a0", " ") == short


def test_a_period_of_no_known_form_is_refused():
    with pytest.raises(PeriodError):
        numbers.in_period("été 2021")


def test_dates_and_ordinals():
    assert numbers.date_in_french("2026-03-01T02:00:00+00:00") == "1er\u00a0mars 2026"
    assert numbers.date_in_french(dt.date(2026, 11, 20)) == "20\u00a0novembre 2026"
    assert [numbers.ordinal(1), numbers.ordinal(1, feminine=True), numbers.ordinal(2)] == ["1er", "1re", "2e"]


@pytest.mark.parametrize(
    ("unit", "intensive"),
    [
        ("% des personnes", True),
        ("€ par an et par unité de consommation", True),
        ("consultations par an et par habitant", True),
        ("jours par an", True),
        ("tCO2e/habitant", True),
        ("ha/an", False),
        ("hectares par an", False),
        ("GWh sur douze mois", False),
        ("ktCO2e/an", False),
        ("habitants", False),
        ("stations", False),
    ],
)
def test_only_rates_and_amounts_per_something_are_compared_across_sizes(unit, intensive):
    assert numbers.is_intensive(unit) is intensive


@pytest.mark.parametrize(
    ("nom", "niveau", "le", "de", "a"),
    [
        ("Denain", "commune", "Denain", "de Denain", "à Denain"),
        ("Abscon", "commune", "Abscon", "d’Abscon", "à Abscon"),
        ("Hérin", "commune", "Hérin", "d’Hérin", "à Hérin"),
        ("Rœulx", "commune", "Rœulx", "de Rœulx", "à Rœulx"),
        ("Le Quesnoy", "commune", "Le Quesnoy", "du Quesnoy", "au Quesnoy"),
        ("Les Moëres", "commune", "Les Moëres", "des Moëres", "aux Moëres"),
        ("La Sentinelle", "commune", "La Sentinelle", "de La Sentinelle", "à La Sentinelle"),
        ("Condé-sur-l'Escaut", "commune", "Condé-sur-l’Escaut", "de Condé-sur-l’Escaut", "à Condé-sur-l’Escaut"),
        ("La Porte du Hainaut", "epci", "La Porte du Hainaut", "de La Porte du Hainaut", "à La Porte du Hainaut"),
        ("Nord", "departement", "le Nord", "du Nord", "dans le Nord"),
        ("Aisne", "departement", "l’Aisne", "de l’Aisne", "dans l’Aisne"),
        ("Somme", "departement", "la Somme", "de la Somme", "dans la Somme"),
        ("Ardennes", "departement", "les Ardennes", "des Ardennes", "dans les Ardennes"),
        ("Hauts-de-France", "region", "les Hauts-de-France", "des Hauts-de-France", "dans les Hauts-de-France"),
        ("Bretagne", "region", "la Bretagne", "de la Bretagne", "en Bretagne"),
        ("Île-de-France", "region", "Île-de-France", "d’Île-de-France", "en Île-de-France"),
        ("France", "france", "la France", "de la France", "en France"),
        (
            "France métropolitaine",
            "france_metropolitaine",
            "la France métropolitaine",
            "de la France métropolitaine",
            "en France métropolitaine",
        ),
        (
            "Zone d'emploi de Valenciennes",
            "zone_emploi",
            "la zone d’emploi de Valenciennes",
            "de la zone d’emploi de Valenciennes",
            "dans la zone d’emploi de Valenciennes",
        ),
        (
            "Arrondissement de Valenciennes",
            "arrondissement",
            "l’arrondissement de Valenciennes",
            "de l’arrondissement de Valenciennes",
            "dans l’arrondissement de Valenciennes",
        ),
        ("Ostrevant", "bassin_de_vie", "le bassin de vie d’Ostrevant", "du bassin de vie d’Ostrevant", None),
    ],
)
def test_articles(nom, niveau, le, de, a):
    assert grammar.le(nom, niveau) == le
    assert grammar.de(nom, niveau) == de
    if a is not None:
        assert grammar.a(nom, niveau) == a


def test_que_elides_before_a_vowel():
    assert grammar.que("en France") == "qu’en France"
    assert grammar.que("à Denain") == "qu’à Denain"
    assert grammar.que("dans le Nord") == "que dans le Nord"


def test_every_commune_of_the_territory_has_its_article():
    if not COMMUNES.exists():
        pytest.skip(f"{COMMUNES.name} is not in warehouse/demonstration")
    names = [row["nom"] for row in csv.DictReader(COMMUNES.open(encoding="utf-8"))]
    assert len(names) == 82
    for nom in names:
        place = grammar.de(nom)
        first = nom.replace("É", "E").replace("È", "E")[0]
        assert place.startswith("d’") == (first in "AEIOUYH"), place
        assert place.endswith(nom.replace("'", "’"))
        assert grammar.a(nom) == f"à {nom.replace(chr(39), '’')}"


def test_plurals_in_x_agree_too():
    assert numbers.agree("lieux pour 10 000 habitants", 1.9) == "lieu pour 10 000 habitants"
    assert numbers.agree("tiers-lieux", 1) == "tiers-lieu" and numbers.agree("tiers-lieux", 8) == "tiers-lieux"
