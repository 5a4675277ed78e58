"""The year in progress in French: one past year, two, a season; never a verdict on two points."""

from __future__ import annotations

import datetime as dt

from flows.publishing.pages import load_words
from flows.publishing.views_data import World
from flows.publishing.views_pace import pace
from tests.publishing.site_kit import SITE, TOWN
from tests.tiny_release import tiny_release

SLUG = "consommation_enaf"


def said(**changes) -> str:
    row = {"indicateur": SLUG, "territoire_niveau": "epci", "territoire_code": "200042190", "annee": 2026}
    row |= {"au": dt.date(2026, 6, 30), "valeur": 12.0, "annees": 5, "premiere_annee": 2021, "derniere_annee": 2025}
    row |= {"bas": 4.0, "mediane": 8.0, "haut": 11.0, "part_du_total": 0.5, "position": "au_dessus"}
    world = World(tiny_release(fct_pace=[row | changes]), TOWN, load_words(SITE / "words.yml"))
    return " ".join(pace(world, world.by_id[SLUG])).replace("\u00a0", " ")


def test_each_number_of_past_years_has_its_sentence() -> None:
    assert "Du 1er janvier au 30 juin 2026 : 12" in said()
    assert "au-dessus de tout ce qu’ont connu" in said() and "les 5 années complètes de 2021 à 2025" in said()
    assert "dans la fourchette" in said(position="dans")
    assert "au-dessous" in said(position="au_dessous")
    two = said(annees=2, premiere_annee=2024, position="indetermine")
    assert "deux années ne disent pas une saison" in two and "fourchette" not in two
    assert "seule année complète connue" in said(annees=1, premiere_annee=2025, position="indetermine")
    none = said(annees=0, position="indetermine", bas=None, mediane=None, haut=None)
    assert "Aucune année complète" in none
    assert "La trajectoire" not in said()
    assert "avaient atteint 50 % de leur total" in said(attendu=7.5)


def test_a_whole_year_says_nothing() -> None:
    world = World(tiny_release(fct_pace=[]), TOWN, load_words(SITE / "words.yml"))
    assert pace(world, world.by_id[SLUG]) == []
