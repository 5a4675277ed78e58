"""Years behind France: the status reads the long national series where there is one, and nothing else then."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.warehouse.series import CODE, LEVEL, indicator_row
from tests.warehouse.test_macros import evaluate, macro
from tests.warehouse.test_status_cases import figure

E = {"niveau": LEVEL, "code": CODE, "france_niveau": "france_metropolitaine", "france_code": "FM"}
RISING = indicator_row("x", 1)


def dated(**changes):
    row = {"indicateur": "x", "lecture": "raccordee", "periode": "2024", "annee": 2024.0, "raison": ""} | E
    row |= {"niveau_compare": 11.0, "annee_equivalente": 2001.5, "retard": 22.5, "france_valeur": 19.0, "euros": 2022}
    return row | {"france_nom": "La France", "serie_debut": 1975, "serie_fin": 2022} | changes


def run(run_status, rows, **more):
    national = [{"indicateur": "x", "page": "retard_x", "annee": 1975, "valeur": 10.0}]
    return run_status([RISING], rows, [], national=national, **more)["x"]


def test_the_long_series_is_the_comparison(run_status):
    # In the same source France would be three years ahead; the long series says 22.5, and it is the one that counts.
    rows = [figure(str(y), y, 1.0 + y - 2014) for y in range(2015, 2025)]
    france = {"territoire_niveau": "france", "territoire_code": "F", "territoire": "France"}
    rows += [figure(str(y), y, 4.0 + y - 2014, **france) for y in range(2015, 2025)]
    assert run_status([RISING], rows, [])["x"]["retard_comparateur"] == 3.0
    assert run(run_status, rows, dated=[dated()])["retard_comparateur"] == 22.5
    # Without a year in common, or without a deflator, nothing: never a comparison in current euros instead.
    unlinked = dated(niveau_compare=None, annee_equivalente=None, retard=None, raison="sans_annee_commune")
    assert run(run_status, rows, dated=[unlinked])["retard_comparateur"] is None
    assert run(run_status, rows)["retard_comparateur"] is None
    # The direct reading, and that of another period, are not what the status shows.
    others = [dated(lecture="directe"), dated(periode="2023", annee=2023.0)]
    assert run(run_status, rows, dated=others)["retard_comparateur"] is None


@given(st.integers(1950, 2020), st.integers(1, 10), st.floats(1, 1e5), st.floats(1, 1e5), st.floats(0, 1))
def test_the_crossing_gives_back_the_level(a1, width, v1, v2, share):
    level = v1 + (v2 - v1) * share
    table = pa.table({"a1": [a1], "a2": [a1 + width], "v1": [v1], "v2": [v2], "y": [level]})
    found = evaluate(table, macro("trajectory", "annee_du_niveau", "given", "y"))[0][0]
    if v1 == v2:
        assert found == a1 + width  # flat: the later end, the smallest delay
    elif abs(v2 - v1) > 1e-3:
        assert math.isclose(v1 + (v2 - v1) * (found - a1) / width, level, rel_tol=1e-6)
        assert a1 - 1e-6 <= found <= a1 + width + 1e-6


@pytest.mark.parametrize(
    ("year", "words"),
    [(1998.0, "en 1998"), (1997.97, "en 1998"), (1998.4, "entre 1998 et 1999"), (1998.94, "entre 1998 et 1999")],
)
def test_a_moment_is_said_without_false_precision(year, words):
    assert evaluate(pa.table({"x": [year]}), macro("trajectory", "moment_fr", "x")) == [(words,)]


def test_nothing_joins_the_two_sides_of_a_break(built):
    """On the demonstration: the series a state is judged on, and the years that bring two sources together."""
    breaks = built.rows("select indicateur, cast(substr(periode, 1, 4) as integer) from dim_rupture")
    assert {"revenu_median_uc", "taux_pauvrete", "ecart_revenus_communes"} <= {name for name, _ in breaks}
    crossed = 0
    for name, year in breaks:
        newest, series = built.rows(
            f"select max(annee), min(annee) from fct_observation where indicateur = '{name}'"
        )[0]
        if newest is None or not series < year <= newest:
            continue
        crossed += 1
        judged = built.rows(
            "select min(s.annee), max(s.annee) from int_statut_serie as s "
            f"join int_statut_indicateurs using (serie) where indicateur = '{name}'"
        )[0]
        assert judged[0] is None or judged[0] >= year or judged[1] < year, name
    assert crossed >= 2
    linked = built.rows("select indicateur, annee, annees_lien from int_annee_equivalente where len(annees_lien) > 0")
    assert linked
    for name, year, years in linked:
        for cut in (cut for other, cut in breaks if other == name):
            assert {y >= cut for y in years} == {year >= cut}, (name, year, cut)
    beyond = "select count(*), count(retard) from int_annee_equivalente where lecture = 'raccordee' and annee >= 2023"
    rows, delays = built.rows(f"{beyond} and indicateur = 'revenu_median_uc'")[0]
    assert rows > 80 and delays == 0


def test_each_break_is_that_of_an_indicator_or_of_a_national_series(built):
    known = {row[0] for row in built.rows("select indicateur from dim_indicator")}
    known |= {row[0] for row in built.rows("select distinct serie from int_series_nationales")}
    assert {row[0] for row in built.rows("select indicateur from dim_rupture")} <= known


def test_the_delays_of_the_demonstration(built):
    """Against the same figures worked out by hand: 18 550 € in 2019, France at 22 040 € (23 690 € of 2022)."""
    found = dict(
        built.rows(
            "select ventilation, valeur from fct_observation where indicateur = 'retard_revenu_france' "
            "and territoire_niveau = 'epci' and territoire_code = '200042190' and periode = '2019'"
        )
    )
    in_2022 = 18550 * 23690 / 22040
    # 882 and 895 € a month of 2014 in 1998 and 1999; times 20 for the median of a year.
    to_2022 = 20830 / 20150 * 23100 / 21250
    assert 882 * 20 * to_2022 < in_2022 < 895 * 20 * to_2022
    year = 1998 + (in_2022 - 882 * 20 * to_2022) / (13 * 20 * to_2022)
    assert found["lecture_directe"] == pytest.approx(2019 - year, abs=0.02)
    assert found[""] > found["lecture_directe"]  # the survey is lower than the tax file for France itself
    note = built.rows(
        "select note from fct_observation where indicateur = 'retard_revenu_france' and ventilation = '' "
        "and territoire_code = '200042190' and periode = '2019'"
    )[0][0]
    assert "écrit 2000, sans donner sa méthode : ce calcul donne une année plus ancienne de" in note


def test_only_amounts_are_said_in_constant_euros(built):
    rates = "select count(*) from int_annee_equivalente where lien = 'difference' and euros is not null"
    assert built.rows(rates) == [(0,)]
    amounts = "select distinct euros from int_annee_equivalente where lien = 'rapport' and retard is not null"
    assert built.rows(amounts) == [(2022,)]
