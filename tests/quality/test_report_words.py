"""The report's small words: order of datasets, French numbers and instants, periods, published against recomputed."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace

import pyarrow as pa
import pytest

from flows.quality.freshness import newest_period
from flows.quality.natures import natures
from flows.quality.report_text import between, cell, column, decimal_text, moment, observed
from flows.reporting import _next_updates
from tests.quality.test_report import check, page, record
from tests.tiny_release import tiny_release

NUIT = dt.date(2026, 11, 20)


def test_datasets_go_from_stopped_to_quiet():
    entries = [
        {"id": "a/calme", "state": "inchangee"},
        {"id": "b/retard", "state": "inchangee", "late": True},
        {"id": "c/perime", "state": "inchangee", "perime_depuis": "2026-11-17"},
        {"id": "d/echec", "state": "en_echec"},
        {"id": "e/eteint", "state": "desactivee"},
    ]
    told, _ = page(record(datasets=entries, checks=[]))
    assert [d["id"] for d in told["jeux"]] == ["d/echec", "c/perime", "b/retard", "e/eteint", "a/calme"]


def test_offending_rows_are_written_for_a_person():
    rows = [
        {"indicateur": "taux_pauvrete", "niveau": "epci", "code": "059144", "population_geo": 859, "ecart": 6.324973}
    ]
    told, html = page(
        record(
            checks=[check(resultat="a_revoir", ecarts=1, exemples=json.dumps(rows), observe="5376 lignes regardées")]
        ),
        indicators={"taux_pauvrete": "Taux de pauvreté"},
    )
    shown = told["a_decider"]["a_revoir"][0]
    assert shown["exemples"] == [["Taux de pauvreté", "intercommunalité", "059144", "859", "6,32"]]
    assert shown["observe"] == "5\u202f376 lignes regardées"
    assert "population_geo" not in html and "6,324973" not in html


@pytest.mark.parametrize(
    ("value", "text"),
    [(6.324973, "6,32"), (0.00421, "0,00421"), (-2538.14, "\u22122\u202f538,14"), (12.0, "12"), (0.0, "0")],
)
def test_decimals(value, text):
    assert decimal_text(value) == text
    assert decimal_text(float("nan")) == "valeur non finie"


def test_years_codes_and_counts():
    assert cell("annee", 2023, {}, {}) == "2023"
    assert cell("lignes", 56416, {}, {}) == "56\u202f416"
    assert cell("code", "01001", {}, {}) == "01001"
    assert column("time_period") == "période" and column("taux_brut") == "taux brut"
    assert observed("année 2023, 17 lignes") == "année 2023, 17 lignes"


def test_instants_are_in_paris_time():
    assert moment("2026-11-20T01:30:00+00:00") == "20/11/2026 à 02 h 30"
    assert moment("2026-07-20T22:30:00+00:00") == "21/07/2026 à 00 h 30"
    _, html = page()
    assert "02 h 30" in html and "heure de Paris" in html


@pytest.mark.parametrize(
    ("columns", "partitions", "newest"),
    [
        ({"annee": [2022, 2024, 2023]}, [], "2024"),
        ({"periode": ["2003-T1", "2025-T3", "2025-T2"]}, [], "2025-T3"),
        ({"time_period": ["2019", None, "2023"]}, [], "2023"),
        ({"date_ech": [dt.date(2026, 11, 19), dt.date(2026, 1, 1)]}, [], "2026-11-19"),
        ({"date_maj": ["2026-10-09T10:00:00", "2062-10-09", "inconnue", ""]}, [], "2026-10-09"),
        ({"code": ["1"]}, ["2016"], "2016"),
        ({"code": ["1"]}, ["courant", "communes-200042190"], ""),
        ({"annee": pa.array([], pa.int64())}, [], ""),
    ],
)
def test_newest_period_of_a_dataset(columns, partitions, newest):
    assert newest_period(pa.table(columns), NUIT, partitions) == newest


def test_published_and_recomputed_figures_are_told_apart():
    found = {row["indicateur"]: row for row in natures(tiny_release())}
    assert {g["nature"] for g in found["revenu_median_uc"]["natures"]} == {"publie"}
    assert found["autonomie_energetique"]["natures"] == []
    assert "emploi" in found["taux_chomage_zone_emploi"]["territoire"]
    told, html = page(natures=natures(tiny_release()))
    assert len(told["natures"]) == len(found)
    lines = {row["titre"]: row["nature"] for row in told["natures"]}
    assert lines["Niveau de vie médian"].startswith("publié par le producteur (de 20")
    assert "aucun chiffre à ce niveau" in html and any(
        "recalculé par l’observatoire" in line for line in lines.values()
    )


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("2014", "2019", "de 2014 à 2019"),
        ("2016", "2016", "2016"),
        ("2003-T1", "2023-T3", "du 1er trimestre 2003 au 3e trimestre 2023"),
        ("2025-04", "2026-07", "d’avril 2025 à juillet 2026"),
    ],
)
def test_spans(first, last, text):
    assert between(first, last) == text


def test_a_dataset_is_late_on_its_own_period_never_on_an_indicator():
    datasets = {
        "a/neuf": SimpleNamespace(periode_mois=3, delai_mois=3),
        "b/vieux": SimpleNamespace(periode_mois=12, delai_mois=6),
        "c/unique": SimpleNamespace(periode_mois=0, delai_mois=0),
        "d/sans": SimpleNamespace(periode_mois=12, delai_mois=0),
    }
    held = {"a/neuf": "2026-T2", "b/vieux": "2021", "c/unique": "2016", "d/sans": ""}
    value = {"nuit": "2026-11-20", "context": {"periods": held}, "datasets": [{"id": name} for name in datasets]}
    _next_updates(SimpleNamespace(datasets=datasets), SimpleNamespace(value=value))
    told = {e["id"]: (e["last_period"], e["expected_next"], e["late"]) for e in value["datasets"]}
    assert told == {
        "a/neuf": ("2026-T2", "2026-12-31", False),
        "b/vieux": ("2021", "2023-06-30", True),
        "c/unique": ("2016", None, False),
        "d/sans": (None, None, False),
    }


def test_a_dataset_published_once_announces_nothing():
    entry = {"id": "g/unique", "state": "inchangee", "last_period": "2016", "expected_next": None, "late": False}
    told, html = page(record(datasets=[entry]))
    assert told["jeux"][0]["periode"] == "2016" and "aucune annoncée" in html and "en retard<" not in html


def test_a_period_is_said_as_its_indicator_says_it():
    def rolling(rows):
        shape = {"periode_phrase": "12 mois au {fin}"}
        return [{**r, **shape} if r["indicateur"] == "points_recharge_irve" else r for r in rows]

    def one_period(rows):
        last = dt.date(2026, 10, 9)
        kept = [r for r in rows if r["indicateur"] != "points_recharge_irve" or r["periode"] == "2026-10"]
        return [{**r, "jusqu_au": last} if r["indicateur"] == "points_recharge_irve" else r for r in kept]

    told, _ = page(natures=natures(tiny_release(dim_indicator=rolling, fct_observation=one_period)))
    assert any("(12 mois au 9 octobre 2026)" in row["nature"] for row in told["natures"])
