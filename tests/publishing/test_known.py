"""What was known of a state before: lines read in the history, never judged again."""

from __future__ import annotations

import datetime as dt

from flows.publishing.pages import load_words
from flows.publishing.views_data import World
from flows.publishing.views_known import known_then
from tests.publishing.site_kit import SITE, TOWN
from tests.tiny_release import tiny_release

SLUG = "consommation_enaf"


def history(*states: tuple[str, str]) -> list[dict]:
    return [
        {
            "indicateur": SLUG,
            "territoire_niveau": "epci",
            "territoire_code": "200042190",
            "depuis": dt.date.fromisoformat(day),
            "etat": state,
            "raison": "r",
            "periode": "2023",
        }
        for day, state in states
    ]


def known(states, steps=()):
    rows = [
        {"genre": genre, "nuit": dt.date.fromisoformat(day), "titre": titre, "source": "s", "auteur": "a"}
        for genre, day, titre in steps
    ]
    release = tiny_release(fct_status_history=history(*states), dim_etape=rows)
    world = World(release, TOWN, load_words(SITE / "words.yml"))
    return known_then(world, world.by_id[SLUG])


def test_past_moments_are_read_where_they_were() -> None:
    found = known(
        [("2026-01-10", "sur_trajectoire"), ("2026-06-20", "a_surveiller"), ("2026-11-20", "derive")],
        [("barometre", "2026-06-01", "Baromètre 2026"), ("triennale", "2027-01-01", "Plus tard")],
    )
    assert [(line["moment"], line["etat"]) for line in found["lignes"]] == [
        ("À la version précédente", "a_surveiller"),
        ("Baromètre 2026", "sur_trajectoire"),
    ]
    assert found["stabilite"].startswith("Cet état a changé 2 fois")
    assert [state for _, state, _ in found["suites"]] == ["derive", "a_surveiller", "sur_trajectoire"]


def test_a_new_figure_in_the_same_state_is_not_a_change() -> None:
    found = known([("2026-01-10", "derive"), ("2026-06-20", "derive")])
    assert "n’a pas changé" in found["stabilite"] and "10\u00a0janvier 2026" in found["stabilite"]
    assert found["suites"] == []
    once = known([("2026-01-10", "derive"), ("2026-06-20", "sur_trajectoire")])
    assert "une fois" in once["stabilite"]


def test_a_moment_before_the_first_release_says_so() -> None:
    found = known([("2026-11-20", "derive")], [("barometre", "2026-06-01", "Baromètre 2026")])
    assert [(line["moment"], line["etat"]) for line in found["lignes"]] == [("Baromètre 2026", "")]
    assert known([]) is None
